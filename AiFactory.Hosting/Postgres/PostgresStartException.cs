using Aspire.Hosting;

namespace AiFactory.Hosting.Postgres;

/// <summary>The embedded server cannot start; the message is a sentence for the person at the console.</summary>
internal sealed class PostgresStartException(string message, Exception? inner = null)
    : DistributedApplicationException(message, inner);
