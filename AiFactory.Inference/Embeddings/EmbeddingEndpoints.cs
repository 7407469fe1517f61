using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Embeddings;

internal static class EmbeddingEndpoints
{
    public static void MapEmbeddings(this IEndpointRouteBuilder routes) => routes.MapPost("/embeddings", Embed);

    private static async Task<IResult> Embed(HttpContext http, EmbeddingService embeddings, CancellationToken cancellationToken)
    {
        var (request, error) = await OpenAIBody.ReadAsync(http.Request, OpenAIJson.Default.EmbeddingsRequest, cancellationToken);
        return request is null
            ? new OpenAIErrorResult(error ?? OpenAIError.Invalid("The body is missing.", null))
            : await embeddings.AnswerAsync(http, request, cancellationToken);
    }
}
