create table if not exists items (
  id int primary key,
  stock int not null
);

create table if not exists orders (
  id bigint generated always as identity primary key,
  item int not null references items,
  quantity int not null,
  cents int not null
);

-- What other services have to learn about orders, written in the transaction of the order.
create table if not exists outbox (
  id bigint generated always as identity primary key,
  order_id bigint not null references orders
);

insert into items select id, 1000000 from generate_series(0, 99) as id on conflict do nothing;
