using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.Contracts.Library;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Problems;
using AiFactory.ServiceDefaults.Streaming;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace AiFactory.Builder.Knowledge.Documents;

internal static class DocumentEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(KnowledgeBaseEndpoints.Path + "/{name}/documents").WithTags("Knowledge documents");
        group.MapGet("", List).RequirePermission(Permissions.KnowledgeRead);
        // Not the server's limit but the setting's, which says what it is.
        group.MapPost("", Upload).RequirePermission(Permissions.KnowledgeWrite).WithMetadata(new DisableRequestSizeLimitAttribute());
        group.MapGet("{id:guid}", Get).RequirePermission(Permissions.KnowledgeRead);
        group.MapDelete("{id:guid}", Delete).RequirePermission(Permissions.KnowledgeWrite);
        group.MapPost("{id:guid}/retry", Retry).RequirePermission(Permissions.KnowledgeWrite);
        group.MapGet("{id:guid}/text", Text).RequirePermission(Permissions.KnowledgeRead);
    }

    private static async Task<Results<Ok<Page<DocumentResponse>>, ProblemHttpResult>> List(
        string project, string name, DocumentService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, name, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Accepted<DocumentResponse>, EmptyHttpResult, ProblemHttpResult>> Upload(
        string project,
        string name,
        [FromQuery(Name = "name")] string document,
        HttpContext context,
        DocumentService service,
        IOptions<KnowledgeOptions> options,
        CancellationToken cancellationToken)
    {
        var limit = options.Value.MaximumDocumentBytes;
        if (context.Request.ContentLength > limit)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, new DocumentTooLargeException(limit).Message);
        }

        var type = MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var parsed) ? parsed : null;
        var upload = new Upload(document, type?.MediaType.Value ?? "", type?.Charset.Value?.Trim('"'), context.Request.Body);
        try
        {
            var outcome = await service.UploadAsync(project, name, upload, context.GetIdentity().Subject, cancellationToken);
            return outcome is Outcome<DocumentRow>.Done { Value: var row }
                ? TypedResults.Accepted($"/api/builder/projects/{project}/knowledge-bases/{name}/documents/{row.Id}", row.ToResponse())
                : outcome.Problem();
        }
        catch (DocumentTooLargeException error)
        {
            await Problems.Of(StatusCodes.Status413PayloadTooLarge, error.Message).ExecuteAsync(context);
            await UnreadBody.DrainAsync(context);
            return TypedResults.Empty;
        }
    }

    private static async Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> Get(
        string project, string name, Guid id, DocumentService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, id, cancellationToken)).ToOk(row => row.ToResponse());

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string project, string name, Guid id, DocumentService service, CancellationToken cancellationToken) =>
        (await service.DeleteAsync(project, name, id, cancellationToken)).ToNoContent();

    private static async Task<Results<Ok<DocumentResponse>, ProblemHttpResult>> Retry(
        string project, string name, Guid id, DocumentService service, CancellationToken cancellationToken) =>
        (await service.RetryAsync(project, name, id, cancellationToken)).ToOk(row => row.ToResponse());

    private static async Task<Results<Ok<DocumentText>, ProblemHttpResult>> Text(
        string project, string name, Guid id, DocumentService service, int? start, int? length, CancellationToken cancellationToken) =>
        (await service.ReadTextAsync(project, name, id, start, length, cancellationToken)).ToOk(text => text);
}
