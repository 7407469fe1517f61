using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Chat;

internal static class ChatEndpoints
{
    public static void MapChat(this IEndpointRouteBuilder routes) => routes.MapPost("/chat/completions", Complete);

    private static async Task<IResult> Complete(HttpContext http, ChatService chat, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, OpenAIJson.Default.ChatCompletionRequest, cancellationToken);
        return request is null
            ? new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null))
            : await chat.AnswerAsync(http, request, cancellationToken);
    }
}
