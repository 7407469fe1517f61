using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Fleet;

/// <summary>The address under which this worker registers: set, or what the server listens on.</summary>
internal sealed class WorkerAddress(IServer server, IOptions<WorkerOptions> options)
{
    /// <summary>Null until the server listens.</summary>
    public string? Find() =>
        options.Value.AdvertisedUrl?.ToString().TrimEnd('/')
        ?? server.Features.Get<IServerAddressesFeature>()?.Addresses
            .Where(address => !address.EndsWith(":0", StringComparison.Ordinal))
            .OrderByDescending(address => address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            .Select(ToReachable)
            .FirstOrDefault();

    /// <summary>An address that listens everywhere is nobody's address: here, the machine's own.</summary>
    private static string ToReachable(string address)
    {
        foreach (var any in new[] { "[::]", "0.0.0.0", "*", "+" })
        {
            if (address.Contains($"//{any}:", StringComparison.Ordinal))
            {
                return address.Replace($"//{any}:", $"//{Environment.MachineName}:", StringComparison.Ordinal).TrimEnd('/');
            }
        }

        return address.TrimEnd('/');
    }
}
