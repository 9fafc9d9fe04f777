"""Reads what `guard log export` writes with parsers and schemas of others.

usage: exports.py ocsf|otlp < EVENTS

ocsf: JSON schema made by the package ocsf-json-schema from the published schema,
      checked by the package jsonschema.
otlp: the messages of the package opentelemetry-proto, read by protobuf's own
      JSON parser, which refuses fields that it does not know.

Prints the number of events, and exits with 1 at the first that does not fit.
"""

import json
import sys


def ocsf(lines):
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

    made = {}
    for line in lines:
        event = json.loads(line)
        meta = event["metadata"]
        key = (meta["version"], event["class_uid"], tuple(meta["profiles"]))
        if key not in made:
            schemas = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=key[0]))
            name = schemas.lookup_class_name_from_uid(key[1])
            schema = schemas.get_class_schema(name, list(key[2]))
            kind = jsonschema.validators.validator_for(schema)
            kind.check_schema(schema)
            made[key] = kind(schema)
        for error in made[key].iter_errors(event):
            sys.exit(f"{list(error.absolute_path)}: {error.message}\n{line}")
        if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
            sys.exit(f"type_uid is not class_uid * 100 + activity_id\n{line}")


def otlp(lines):
    from google.protobuf import json_format
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData

    for line in lines:
        logs = json_format.Parse(line, LogsData())
        for resource in logs.resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    if not record.time_unix_nano or not record.attributes:
                        sys.exit(f"an empty record\n{line}")


if __name__ == "__main__":
    events = [line for line in sys.stdin if line.strip()]
    {"ocsf": ocsf, "otlp": otlp}[sys.argv[1]](events)
    print(len(events))
