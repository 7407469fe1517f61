namespace AiFactory.ModelLibrary.Approvals;

internal static class ApprovalsExtensions
{
    internal static WebApplicationBuilder AddApprovals(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Persons>().AddSingleton<ApprovalService>().AddSingleton<RevocationService>();
        return builder;
    }

    internal static WebApplication MapApprovals(this WebApplication app)
    {
        ApprovalEndpoints.Map(app);
        return app;
    }
}
