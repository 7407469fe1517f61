using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AiFactory.ServiceDefaults.Problems;

internal static class ProblemsExtensions
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddExceptionHandler<UnhandledExceptionHandler>();
        // A body that cannot be bound throws in every environment, so that its 400 says why.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Replace(ServiceDescriptor.Singleton<IProblemDetailsService, ProblemService>());
        return services;
    }
}
