using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Inference.Telemetry;

/// <summary>What OpenTelemetry wants said with every <c>gen_ai.server.*</c>: https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/</summary>
/// <param name="server">Null where there is no server, in tests of engines.</param>
internal sealed class ServerTags(IServer? server)
{
    private (string Host, int Port)? _address;

    public TagList Of(string operation, string model)
    {
        var tags = new TagList
        {
            { "gen_ai.operation.name", operation },
            { "gen_ai.provider.name", InferenceTelemetry.Provider },
            { "gen_ai.request.model", model },
            { "gen_ai.response.model", model },
        };
        AddAddress(ref tags);
        return tags;
    }

    public void AddAddress(ref TagList tags)
    {
        if ((_address ??= Find()) is { } address)
        {
            tags.Add("server.address", address.Host);
            tags.Add("server.port", address.Port);
        }
    }

    /// <summary>Null until the server listens. One that listens everywhere is called by the machine's name.</summary>
    private (string Host, int Port)? Find()
    {
        if (server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } text || BindingAddress.Parse(text) is not { IsUnixPipe: false, Port: > 0 } address)
        {
            return null;
        }

        return (address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? Environment.MachineName : address.Host, address.Port);
    }
}
