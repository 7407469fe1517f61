using AiFactory.Testing.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The library as far as a gateway under load asks it.</summary>
internal sealed class SoakLibrary : SnapshotEdge
{
    protected override Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == SnapshotPath)
        {
            return AnswerSnapshotAsync(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
