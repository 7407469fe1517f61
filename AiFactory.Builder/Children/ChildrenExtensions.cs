namespace AiFactory.Builder.Children;

internal static class ChildrenExtensions
{
    internal static WebApplicationBuilder AddChildren(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ChildStore>();
        return builder;
    }
}
