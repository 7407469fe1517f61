using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.SubRequests;

/// <summary>
/// Asks a model for another request, whose part it is: it is routed, metered and kept like any of that caller's, takes of its tokens and money, is none of its requests, and no rule is held
/// against it.
/// </summary>
internal sealed class PartRequests(Lazy<InferenceHandler> inference, TimeProvider time)
{
    /// <summary>Bytes of an answer; nothing that is asked here answers with as many.</summary>
    private const int Largest = 32 * 1024 * 1024;

    /// <param name="wait">For the whole answer.</param>
    /// <returns>The answer; or why there is none, to complete "the model ...".</returns>
    public async Task<(WholeAnswer? Answer, string? Fault)> AskAsync(
        HttpContext outer, Caller caller, Deployment deployment, Operation operation, ReadOnlyMemory<byte> body, TimeSpan wait, CancellationToken left)
    {
        using var timeout = new CancellationTokenSource(wait, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(left, timeout.Token);
        var answer = new WholeAnswer(Largest);
        var inner = SubRequest.Create(outer, operation, body, answer, limit.Token);
        try
        {
            await inference.Value.AskAsync(inner, operation, caller, deployment);
            await SubRequest.EndAsync(inner);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // What ended it is told below.
        }

        return left.IsCancellationRequested ? (null, "is not waited for any more")
            : timeout.IsCancellationRequested ? (null, "did not answer in time")
            : answer.Status == 0 || answer.IsBroken ? (null, "broke off its answer")
            : answer.Status != StatusCodes.Status200OK ? (null, $"answered with the status {answer.Status}")
            : (answer, null);
    }
}
