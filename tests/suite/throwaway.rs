//! A database that tests make for themselves needs nobody's yes; anything that
//! could be another one does.

use crate::bypass::{asks, passes};

#[test]
fn a_database_of_tests_on_this_machine_is_emptied_without_a_question() {
    passes(&[
        "sqlite3 :memory: 'create table t(a); delete from t; drop table t'",
        "sqlite3 /tmp/test.db 'drop table if exists t; create table t(a)'",
        "duckdb ./app_test.duckdb 'drop table t'",
        "psql -h localhost -U postgres -d app_test -c 'delete from users'",
        "psql postgres://u:p@127.0.0.1:5432/app_test -c 'drop table users cascade'",
        "dropdb --if-exists app_test && createdb app_test",
        "RAILS_ENV=test bin/rails db:drop db:create db:schema:load",
        "php artisan migrate:fresh --env=testing",
        "python manage.py flush --no-input --settings=app.settings.test",
        "docker exec pg psql -U postgres -d app_test -c 'truncate users'",
    ]);
}

#[test]
fn what_may_be_another_database_than_that_of_the_tests_is_asked_about() {
    asks(&[
        "sqlite3 app.db 'drop table t'",
        "sqlite3 latest.db 'drop table t'",
        "ln -s ~/app.db /tmp/x.db; sqlite3 /tmp/x.db 'drop table t'",
        "alembic -c test downgrade base",
        "prisma migrate reset --force --schema test",
        "sqlite3 /tmp/../srv/app.db 'drop table t'",
        "sqlite3 :memory: \"attach 'app.db' as a; drop table a.users\"",
        "sqlite3 :memory: '.open app.db' 'drop table users'",
        "sqlite3 \"$DB\" 'drop table t'",
        "sqlite3 \"/tmp/$DB\" 'drop table t'",
        "psql -h db.example.org -d app_test -c 'delete from users'",
        "psql -d app_test -c '\\c shop' -c 'drop table users'",
        "psql -d app_test -c 'drop database shop'",
        "psql -d app_prod_test -c 'delete from users'",
        "psql -d app_test postgres://localhost/shop -c 'delete from users'",
        "PGHOST=db.example.org dropdb app_test",
        "dropdb shop",
        "mysql app_test -e 'drop table shop.users'",
        "DATABASE_URL=postgres://localhost/shop RAILS_ENV=test rails db:drop",
        "DATABASE_URL=postgres://db.example.org/app_test RAILS_ENV=test rails db:drop",
        "RAILS_ENV=production rails db:drop",
        "RAILS_ENV=test rails db:drop:all",
        "RAILS_ENV=test rails db:drop RAILS_ENV=production",
        "psql 'service=x dbname=app_test' -c 'drop table users'",
        "sqlite3 test.db \"vacuum into 'app.db'; drop table t\"",
        "sqlite3 test.db \"select writefile('/etc/cron.d/x', 'a'); drop table t\"",
        "rails db:drop",
        "ssh web 'RAILS_ENV=test rails db:drop'",
        "kubectl exec deploy/web -- env RAILS_ENV=test rails db:drop",
        "python manage.py flush --no-input --settings=app.settings.prod",
    ]);
}

#[test]
fn build_output_in_a_container_of_this_machine_is_build_output() {
    passes(&[
        "docker exec app-dev sh -c 'rm -rf /app/.cache && ls /app'",
        "docker compose run --rm web rm -rf /app/tmp/cache",
        "docker exec app rm -rf /app/node_modules",
        "docker run -v $PWD:/app alpine rm -rf /app/build",
    ]);
    asks(&[
        "docker exec app rm -rf /app/data",
        "docker run -v $HOME:/app alpine rm -rf /app/build",
        "docker run --mount type=bind,src=/srv,dst=/app alpine rm -rf /app/build",
        "docker run -v /srv:. alpine rm -rf /app/build",
        "docker exec app rm -rf /build",
        "docker exec app rm -rf /host/home/user/build",
        "docker exec db rm -rf /var/lib/postgresql/data",
        "docker -H tcp://prod:2375 exec app rm -rf /app/.cache",
        "kubectl exec web-0 -- rm -rf /app/tmp/cache",
        "ssh web rm -rf /app/dist/current",
    ]);
}

#[test]
fn build_output_in_each_folder_that_a_pattern_matches_is_build_output() {
    passes(&[
        "for p in packages/*; do (cd \"$p\" && rm -rf dist && pnpm build); done",
        "for d in */; do cd \"$d\"; rm -rf target; cd ..; done",
    ]);
    asks(&[
        "for p in packages/*; do (cd \"$p\" && rm -rf src); done",
        "for d in /srv/*; do (cd \"$d\" && rm -rf build); done",
        "for d in .*; do (cd \"$d\" && rm -rf build); done",
        "cd \"$X\" && rm -rf build",
    ]);
}
