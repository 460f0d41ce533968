-- Keys that never leave the database. Where Supabase Vault is installed they lie there, encrypted; elsewhere here.
create table private.secrets (
  name text primary key check (char_length(name) between 1 and 200),
  key bytea,
  vault_id uuid,
  created_at timestamptz not null default now(),
  constraint secrets_one_place check (num_nonnulls(key, vault_id) = 1)
);
comment on table private.secrets is 'Random keys of 256 bits by name: the key itself, or its id in Vault. See private.secret_key.';

create function private.secret_key(name text)
returns bytea
language plpgsql volatile
set search_path = ''
as $$
declare
  v_secret private.secrets;
  v_key bytea;
begin
  select * into v_secret from private.secrets as s where s.name = secret_key.name;
  if not found then
    v_key := extensions.gen_random_bytes(32);
    if to_regclass('vault.decrypted_secrets') is not null then
      execute format('select %s($1)', to_regproc('vault.create_secret')) into v_secret.vault_id using encode(v_key, 'hex');
      v_key := null;
    end if;
    insert into private.secrets (name, key, vault_id) values (secret_key.name, v_key, v_secret.vault_id)
    on conflict on constraint secrets_pkey do nothing;
    select * into strict v_secret from private.secrets as s where s.name = secret_key.name;
  end if;
  if v_secret.vault_id is not null then
    execute format('select decode(decrypted_secret, ''hex'') from %s where id = $1', to_regclass('vault.decrypted_secrets')) into v_key using v_secret.vault_id;
    -- As after a restore into another project. Going on without it would let in what was erased.
    if v_key is null then
      raise exception using errcode = 'PT500', message = 'internal_error', detail = format('The key %L is not in Vault any more', secret_key.name);
    end if;
    return v_key;
  end if;
  return v_secret.key;
end;
$$;
comment on function private.secret_key(text) is
  'The key of this name, made when it is new: 32 random bytes, kept in Vault where there is one. For definer functions only. Errors: internal_error (500) when Vault has lost it.';

create function private.drop_secret_key(name text)
returns void
language plpgsql volatile
set search_path = ''
as $$
declare
  v_vault_id uuid;
begin
  delete from private.secrets as s where s.name = drop_secret_key.name returning s.vault_id into v_vault_id;
  if v_vault_id is not null then
    execute format('delete from %s where id = $1', to_regclass('vault.secrets')) using v_vault_id;
  end if;
end;
$$;
comment on function private.drop_secret_key(text) is 'Destroys a key: what was hashed with it can not be tried out any more.';
