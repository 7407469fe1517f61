namespace AiFactory.Builder.Processes;

internal static class ProcessesExtensions
{
    /// <summary>Reads <c>Builder:Role</c>; a role that does not exist stops the start.</summary>
    internal static WebApplicationBuilder AddRoles(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new RoleOptions { Role = builder.Roles() });
        return builder;
    }

    /// <summary>For a capability that adds a loop or a route in one role only.</summary>
    internal static bool HasRole(this WebApplicationBuilder builder, BuilderRoles role) => builder.Roles().HasFlag(role);

    internal static bool HasRole(this WebApplication app, BuilderRoles role) => app.Services.GetRequiredService<RoleOptions>().Role.HasFlag(role);

    private static BuilderRoles Roles(this WebApplicationBuilder builder)
    {
        const string setting = $"{RoleOptions.Section}:{nameof(RoleOptions.Role)}";
        var text = builder.Configuration[setting];
        if (string.IsNullOrWhiteSpace(text))
        {
            return BuilderRoles.All;
        }

        return Enum.TryParse<BuilderRoles>(text, ignoreCase: true, out var roles) && roles != 0 && (roles & ~BuilderRoles.All) == 0
            ? roles
            : throw new InvalidOperationException($"{setting} is '{text}'. It is 'orchestrator', 'executor' or 'all'.");
    }
}
