namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>The migrations do not fit the database: a released file was changed, a number is missing or doubled. Trying again does not help.</summary>
public sealed class MigrationException(string message) : Exception(message);
