using AiFactory.Builder.Knowledge.Bases;
using AiFactory.Contracts.Builder.Knowledge;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using AiFactory.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Knowledge.Search;

internal static class SearchEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost(KnowledgeBaseEndpoints.Path + "/{name}/search", Search).WithTags("Knowledge search").RequirePermission(Permissions.KnowledgeRead);

    private static async Task<Results<Ok<SearchResponse>, ProblemHttpResult>> Search(
        string project, string name, SearchRequest request, KnowledgeSearch search, CancellationToken cancellationToken)
    {
        try
        {
            return (await search.FindAsync(project, name, request, cancellationToken)).ToOk(response => response);
        }
        catch (KnowledgeSearchException error)
        {
            return error.IsTransient ? Problems.Unavailable(error.Message) : Problems.Of(StatusCodes.Status502BadGateway, error.Message);
        }
    }
}
