using AiFactory.Inference.Chat;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Responses;

internal static class ResponsesEndpoints
{
    public static void MapResponses(this IEndpointRouteBuilder routes) => routes.MapPost("/responses", Respond);

    private static async Task<IResult> Respond(HttpContext http, ChatService chat, TimeProvider time, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, ResponsesJson.Default.ResponsesRequest, cancellationToken);
        if (request is null)
        {
            return new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null));
        }

        if (ResponsesRequestReader.Read(request, out var asked) is { } refusal)
        {
            return new OpenAIErrorResult(refusal);
        }

        var answer = await chat.AnswerAsync(http, asked, cancellationToken, plan => new ResponsesFormat(
            request, plan.Tools, plan.Reasoning, prefix => $"{prefix}{Guid.CreateVersion7(time.GetUtcNow()):N}"));
        return answer is OpenAIErrorResult { Error: { } fault } ? new OpenAIErrorResult(ResponsesRequestReader.Translate(fault)) : answer;
    }
}
