using AiFactory.ServiceDefaults.Problems;

namespace AiFactory.ModelLibrary.Projects;

/// <summary>What all routes below a project share: a project that does not exist is said to be missing, whatever is asked of it.</summary>
internal static class ProjectRoutes
{
    internal static RouteGroupBuilder MapProjectGroup(this IEndpointRouteBuilder routes, string path, string tag)
    {
        var group = routes.MapGroup("/api/library/projects/{project}/" + path).WithTags(tag);
        group.AddEndpointFilter(async (context, next) =>
        {
            var http = context.HttpContext;
            var project = http.GetRouteValue("project") as string ?? "";
            return await http.RequestServices.GetRequiredService<ProjectStore>().FindAsync(project, http.RequestAborted) is null
                ? Problems.NotFound("project", project)
                : await next(context);
        });
        return group;
    }
}
