using Aspire.Hosting;

namespace AiFactory.Hosting.Acquisition;

/// <summary>A package is neither in the cache nor to be had from npm; the message is a sentence for the person at the console.</summary>
internal sealed class PackageUnavailableException(string message, Exception? inner = null)
    : DistributedApplicationException(message, inner);
