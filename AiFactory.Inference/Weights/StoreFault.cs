using System.Net;
using Amazon.Runtime;

namespace AiFactory.Inference.Weights;

/// <summary>What a store's failures mean, in words that may be told: a status and a code, no address and no message of the server's.</summary>
internal static class StoreFault
{
    private const int LongestCode = 64;

    /// <param name="name">What was asked for.</param>
    /// <returns>Null when it is none of the store's.</returns>
    public static WeightsException? Of(Exception error, string name) => error switch
    {
        WeightsException => null,
        AmazonServiceException { StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } busy => Away(name, Describe(busy)),
        AmazonServiceException { StatusCode: >= HttpStatusCode.MultipleChoices and < HttpStatusCode.InternalServerError } refusal =>
            new($"The object store refuses this worker '{name}' ({Describe(refusal)}): its keys, and what they may read, are in ConnectionStrings:objects.", WeightsFault.Refused),
        AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError } broken => Away(name, Describe(broken)),
        AmazonServiceException or HttpRequestException or TimeoutException or OperationCanceledException => Away(name, "it cannot be reached"),
        AmazonClientException => new($"The object store cannot be asked for '{name}': this worker has no keys for it (ConnectionStrings:objects).", WeightsFault.Refused),
        UnauthorizedAccessException => new($"This worker may not read '{name}' in its object store.", WeightsFault.Refused),
        IOException => Away(name, "reading broke off"),
        _ => null,
    };

    private static WeightsException Away(string name, string what) => new($"The object store does not give '{name}' now ({what}). Please retry later.", WeightsFault.Unreachable);

    private static string Describe(AmazonServiceException error) =>
        error.ErrorCode is { Length: > 0 and <= LongestCode } code && code.All(char.IsAsciiLetterOrDigit) ? $"{(int)error.StatusCode} {code}" : $"{(int)error.StatusCode}";
}
