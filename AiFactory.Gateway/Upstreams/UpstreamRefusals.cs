using System.Collections.Concurrent;
using System.Net;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Upstreams;

/// <summary>What an upstream's refusal means here: of a worker the same status would mean another thing.</summary>
internal sealed partial class UpstreamRefusals(TimeProvider time, ILogger<UpstreamRefusals> logger)
{
    /// <summary>Every request meets the same refusal: it is told once in so long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Guid, int), long> _told = new();

    /// <summary>Whether it is the prompt that it does not let pass: that is the client's to read, in the service's words, and no other service's to be asked.</summary>
    public static bool IsOfPrompt(HttpStatusCode answer, string? code) => answer == HttpStatusCode.Forbidden && code == ErrorCode.PromptRefused;

    /// <summary>Null where it means the same, or is no refusal.</summary>
    /// <param name="code">What the refusal says it is for.</param>
    public Failure? Of(Exchange exchange, Upstream upstream, HttpStatusCode answer, string? code)
    {
        var (status, model) = ((int)answer, exchange.Deployment.Name);
        switch (answer)
        {
            case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                Tell(upstream, status);
                return Failed(status, OpenAIError.UpstreamCredentialRefused(model, upstream.Name, status));
            case HttpStatusCode.NotFound when !exchange.Operation.IsOptional || code == ErrorCode.ModelNotFound:
                return Failed(status, OpenAIError.UpstreamWithoutModel(model, upstream.Name, upstream.Model));
            case >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest:
                return new Failure(FailureKind.Failed, $"status {status}", $"status {status}, which would lead elsewhere and is not followed");
            default:
                return null;
        }
    }

    private static Failure Failed(int status, OpenAIError final) => new(FailureKind.Failed, $"status {status}", $"status {status}") { Final = final };

    private void Tell(Upstream upstream, int status)
    {
        var (key, now) = ((upstream.Id, status), time.GetTimestamp());
        if (_told.TryGetValue(key, out var last) ? time.GetElapsedTime(last, now) >= Silence && _told.TryUpdate(key, now, last) : _told.TryAdd(key, now))
        {
            LogCredentialRefused(logger, upstream.Name, status);
        }
    }

    [LoggerMessage(1801, LogLevel.Error, "The upstream {Upstream} does not accept the credential that is kept for it (status {Status}): its requests fail until an administrator sets it anew. This is told once a minute")]
    private static partial void LogCredentialRefused(ILogger logger, string upstream, int status);
}
