namespace AiFactory.ModelLibrary.Projects;

internal static class ProjectsExtensions
{
    internal static WebApplicationBuilder AddProjects(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ProjectStore>().AddSingleton<ProjectService>();
        return builder;
    }

    internal static WebApplication MapProjects(this WebApplication app)
    {
        ProjectEndpoints.Map(app);
        return app;
    }
}
