using AiFactory.Gateway.Upstreams;

namespace AiFactory.Gateway.Forwarding;

/// <summary>The status and the headers of a replica's answer, as the client gets them.</summary>
internal static class AnswerHead
{
    /// <param name="events">Whether it is a stream of events.</param>
    public static void Copy(Exchange exchange, HttpResponseMessage upstream, ForwardingOptions options, bool events)
    {
        var response = exchange.Context.Response;
        response.StatusCode = (int)upstream.StatusCode;
        var headers = response.Headers;
        foreach (var header in upstream.Headers.NonValidated)
        {
            if (HeaderRules.PassesToClient(header.Key) && (exchange.Deployment.Upstream is null || UpstreamMessage.PassesToClient(header.Key)))
            {
                headers[header.Key] = header.Value.ToValues();
            }
        }

        foreach (var header in upstream.Content.Headers.NonValidated)
        {
            if (HeaderRules.PassesToClient(header.Key))
            {
                headers[header.Key] = header.Value.ToValues();
            }
        }

        if (events)
        {
            // An event may be taken out of it, or put behind it.
            headers.ContentLength = null;

            // Some proxies hold a stream back until it ends, unless they are told (nginx: X-Accel-Buffering).
            headers["X-Accel-Buffering"] = "no";
            headers.CacheControl = "no-cache";
        }

        ChoiceNote.WriteHeader(exchange, options);
        if (exchange.Named.Route.Traffic is not null)
        {
            headers[ChoiceNote.AnsweredByHeader] = exchange.Deployment.Name;
        }

        if (options.NameReplica && exchange.Replica is { } replica)
        {
            headers["x-aifactory-replica"] = replica.Id;
        }
    }
}
