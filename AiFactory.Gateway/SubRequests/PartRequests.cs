using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.SubRequests;

/// <summary>
/// Asks a model for another request, whose part it is: it is routed, metered and kept like any of that caller's, takes of its tokens and money, is none of its requests, and no rule is held
/// against it. It is asked of this model and of none that could stand in for it, takes no place among those that wait for it, and says nothing that the client said in headers: else the client
/// would decide whether it is answered.
/// </summary>
internal sealed class PartRequests(Lazy<InferenceHandler> inference, TimeProvider time)
{
    /// <summary>Bytes of an answer; nothing that is asked here answers with as many.</summary>
    private const int Largest = 32 * 1024 * 1024;

    /// <summary>Beyond the limit that the question keeps itself, for what it does before it is sent.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <param name="wait">For the whole answer.</param>
    /// <param name="isLimit">Whether a model that takes longer has failed: a replica is blamed that took half of it, and another is asked. Else the asker only loses patience.</param>
    public async Task<(WholeAnswer? Answer, PartFault? Fault)> AskAsync(
        PartOf whole, Deployment deployment, Operation operation, ReadOnlyMemory<byte> body, TimeSpan wait, bool isLimit = true)
    {
        using var timeout = new CancellationTokenSource(isLimit ? wait + Grace : wait, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(whole.Left, timeout.Token);
        var answer = new WholeAnswer(Largest);
        var inner = SubRequest.CreatePart(whole.Outer, operation, body, answer, limit.Token);
        try
        {
            await inference.Value.AskAsync(inner, operation, whole, deployment, isLimit ? wait : null);
            await SubRequest.EndAsync(inner);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // What ended it is told below.
        }

        return !whole.Left.IsCancellationRequested && answer is { Status: StatusCodes.Status200OK, IsBroken: false } && !timeout.IsCancellationRequested
            ? (answer, null)
            : (null, FaultOf(answer, timeout.IsCancellationRequested, whole.Left.IsCancellationRequested));
    }

    private static PartFault FaultOf(WholeAnswer answer, bool isLate, bool hasLeft) => answer.Status switch
    {
        _ when hasLeft => new(PartFaultKind.Away, "is not waited for any more"),
        _ when isLate => new(PartFaultKind.Away, "did not answer in time"),
        StatusCodes.Status504GatewayTimeout => new(PartFaultKind.Away, "did not answer in time"),
        _ when answer.IsTooLarge => new(PartFaultKind.Unclear, "answered with more than anybody asked for"),
        0 or StatusCodes.Status200OK => new(PartFaultKind.Away, "broke off its answer"),
        StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status422UnprocessableEntity => new(PartFaultKind.OfQuestion, $"answered with the status {answer.Status}"),
        >= StatusCodes.Status500InternalServerError => new(PartFaultKind.Away, $"answered with the status {answer.Status}"),
        var status => new(PartFaultKind.Unclear, $"answered with the status {status}"),
    };
}
