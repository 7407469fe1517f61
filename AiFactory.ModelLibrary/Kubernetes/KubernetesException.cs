using System.Net;

namespace AiFactory.ModelLibrary.Kubernetes;

/// <summary>The API server is away, or refused. The message says which call and why; it has no token in it.</summary>
/// <param name="status">Null when there was no answer.</param>
/// <param name="retryAfter">How long the server wants to be left alone.</param>
internal sealed class KubernetesException(string message, HttpStatusCode? status = null, TimeSpan? retryAfter = null, Exception? inner = null) : IOException(message, inner)
{
    internal HttpStatusCode? Status => status;

    internal TimeSpan? RetryAfter => retryAfter;

    /// <summary>Whether it is this call that was refused, so that the next one may be taken: it is not the token, nor that the server is slow or full.</summary>
    internal bool IsOfTheObject =>
        status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
            and not (HttpStatusCode.Unauthorized or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);

    /// <summary>In few words and without names, for a route that is open to all.</summary>
    internal string Kind => status switch
    {
        null => "the API server does not answer",
        HttpStatusCode.Unauthorized => "the API server does not know the service account's token (401)",
        HttpStatusCode.Forbidden => "the service account has not the rights (403)",
        HttpStatusCode.NotFound => "the cluster has not the kind, which is in the chart's crds/, or not the namespace (404)",
        _ => $"the API server refuses ({(int)status})",
    };
}
