/** The parameters every local server runs with before a parameter group has its say. */
import type { ServerSettings } from '../server';

export const BASE_SETTINGS: ServerSettings = {
  listen_addresses: '127.0.0.1',
  // No Unix socket: its path may be at most 107 bytes long, and a state folder's path can be longer.
  unix_socket_directories: '',
  // Commits still reach the operating system before they are acknowledged (synchronous_commit stays on), and killing a
  // process loses nothing that reached it. Only losing power would, and a local rehearsal need not survive that.
  fsync: 'off',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  max_connections: '100',
  // Enough to follow, and to be followed by, several databases at once. How fast a follower notices things
  // (wal_receiver_status_interval, wal_retrieve_retry_interval) stays as upstream, and RDS, have it.
  max_replication_slots: '20',
  max_wal_senders: '20',
  max_logical_replication_workers: '8',
  max_worker_processes: '16',
  shared_buffers: '64MB',
  huge_pages: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // As on RDS.
  log_line_prefix: '%t:%r:%u@%d:[%p]:',
  // Set as RDS sets them: passwords are only ever stored as SCRAM verifiers.
  password_encryption: 'scram-sha-256',
};
