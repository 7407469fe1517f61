-- Gateways share limits: each is granted parts of them, gives from these without asking, and asks for more before they are used up. Of every limit, owner and window
--   spent + what gateways hold (granted and not charged yet) <= amount
-- holds but for what requests took beyond their reservations. What was spent is known from the usage records alone: it is written in the transaction that takes a record into the ledger.

-- A gateway, from one start to its end.
create table limit_holders (
  holder uuid primary key,
  seen_at timestamptz not null
);

create table limit_windows (
  limit_id uuid not null,
  owner text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  spent bigint not null default 0,
  -- Counts how often a gateway found too little and asked the others for what they do not use.
  demand bigint not null default 0,
  -- Until then nobody takes more than it needs at once.
  scarce_until timestamptz not null default '-infinity',
  primary key (limit_id, owner, starts_at)
);

create index limit_windows_by_end on limit_windows (ends_at);

create table limit_leases (
  limit_id uuid not null,
  owner text not null,
  starts_at timestamptz not null,
  holder uuid not null references limit_holders on delete cascade,
  granted bigint not null,
  charged bigint not null default 0,
  -- The last demand after which the holder gave back what it did not use.
  answered bigint not null default 0,
  primary key (limit_id, owner, starts_at, holder),
  foreign key (limit_id, owner, starts_at) references limit_windows on delete cascade
);

create index limit_leases_of_holder on limit_leases (holder);

-- Sets what a gateway holds of a window to what it has promised already and what it keeps for its next requests; with p_share a part of what nobody holds on top.
-- Where there is too little it is exhausted once all the others have given back what they do not use; until then whoever asks comes back, p_asked says that it asked them already.
-- It says all that the gateway holds, so that an answer that was lost costs nothing: the next call says it anew. A function, for each of its statements sees what was
-- committed before it; one statement would look at the leases before it has the lock.
create function lease_limit(
  p_limit uuid, p_owner text, p_starts timestamptz, p_ends timestamptz, p_amount bigint, p_holder uuid, p_promised bigint, p_keep bigint, p_share boolean, p_answer boolean,
  p_asked boolean, p_places boolean, p_alive interval)
returns table (granted bigint, elsewhere bigint, short boolean, exhausted boolean, demanded boolean, gateways integer)
language plpgsql as $$
declare
  of_window limit_windows;
  mine limit_leases;
  others bigint;
  holding integer;
  unanswered integer;
  free bigint;
  give bigint;
begin
  -- 1. One gateway at a time.
  insert into limit_windows (limit_id, owner, starts_at, ends_at) values (p_limit, p_owner, p_starts, coalesce(p_ends, 'infinity')) on conflict do nothing;
  select * into of_window from limit_windows w where w.limit_id = p_limit and w.owner = p_owner and w.starts_at = p_starts for update;

  -- 2. What the others hold. A place among the requests at once is free when its gateway is dead; what else it held is not, for its records may still come.
  select coalesce(sum(greatest(l.granted - l.charged, 0)), 0),
         count(*) filter (where l.granted > l.charged and h.seen_at > now() - p_alive),
         count(*) filter (where l.granted > l.charged and h.seen_at > now() - p_alive and l.answered < of_window.demand)
  into others, holding, unanswered
  from limit_leases l join limit_holders h on h.holder = l.holder
  where l.limit_id = p_limit and l.owner = p_owner and l.starts_at = p_starts and l.holder <> p_holder and (not p_places or h.seen_at > now() - p_alive);
  select count(*) into gateways from limit_holders h where h.seen_at > now() - p_alive;
  select * into mine from limit_leases l where l.limit_id = p_limit and l.owner = p_owner and l.starts_at = p_starts and l.holder = p_holder;

  -- 3. What there is for this one beyond what it has promised. Shares get smaller as less is left, so that little has to be asked back at the end.
  demanded := of_window.demand > coalesce(mine.answered, 0) and not p_answer;
  free := greatest(0, p_amount - of_window.spent - others + coalesce(mine.charged, 0) - p_promised);
  give := least(free, greatest(p_keep, case when p_share and of_window.scarce_until < now() then free / (2 * greatest(gateways, 1)) else 0 end));

  -- 4. Too little: the others are asked, once, and nobody takes shares for a while, or what one gives back another would take for later.
  short := p_keep > free;
  if short then
    update limit_windows w
    set demand = w.demand + case when not p_asked and holding > 0 then 1 else 0 end, scarce_until = now() + interval '1 second'
    where w.limit_id = p_limit and w.owner = p_owner and w.starts_at = p_starts;
    if not p_asked and holding > 0 then
      of_window.demand := of_window.demand + 1;
      unanswered := holding;
      perform pg_notify('aifactory_limits', 'd' || p_limit || p_owner);
    end if;
  end if;

  exhausted := short and unanswered = 0;
  insert into limit_leases as was (limit_id, owner, starts_at, holder, granted, answered)
  values (p_limit, p_owner, p_starts, p_holder, p_promised + give, case when demanded then 0 else of_window.demand end)
  on conflict (limit_id, owner, starts_at, holder) do update set granted = excluded.granted, answered = greatest(was.answered, excluded.answered);
  if p_answer then
    perform pg_notify('aifactory_limits', 'r' || p_limit || p_owner);
  end if;

  granted := p_promised + give;
  elsewhere := free - give;
  return next;
end
$$;

-- What requests took, by the gateway out of whose share they took it. Windows first, then leases, each in one order: as in lease_limit.
create function charge_limits(p_holders uuid[], p_limits uuid[], p_owners text[], p_starts timestamptz[], p_ends timestamptz[], p_units bigint[])
returns void
language plpgsql as $$
begin
  insert into limit_windows as was (limit_id, owner, starts_at, ends_at, spent)
  select c.l, c.o, c.s, coalesce(max(c.e), 'infinity'), sum(c.u)::bigint
  from unnest(p_limits, p_owners, p_starts, p_ends, p_units) as c (l, o, s, e, u)
  group by c.l, c.o, c.s order by c.l, c.o, c.s
  on conflict (limit_id, owner, starts_at) do update set spent = was.spent + excluded.spent;

  insert into limit_holders (holder, seen_at)
  select distinct h, now() from unnest(p_holders) as h order by h on conflict do nothing;

  insert into limit_leases as was (limit_id, owner, starts_at, holder, granted, charged)
  select c.l, c.o, c.s, c.h, 0, sum(c.u)::bigint
  from unnest(p_holders, p_limits, p_owners, p_starts, p_units) as c (h, l, o, s, u)
  group by c.l, c.o, c.s, c.h order by c.l, c.o, c.s, c.h
  on conflict (limit_id, owner, starts_at, holder) do update set charged = was.charged + excluded.charged;
end
$$;
