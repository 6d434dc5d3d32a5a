/**
 * The backend for fleets: PostgreSQL over JDBC, through any {@link javax.sql.DataSource}. Needs a driver and, sensibly, a connection
 * pool of the application's choice.
 *
 * <pre>{@code
 * HostStore store = PostgresHostStore.open(dataSource, "orders");
 * }</pre>
 */
package io.ebridge.kv.postgres;
