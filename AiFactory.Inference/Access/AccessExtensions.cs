using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Authentication;

namespace AiFactory.Inference.Access;

internal static class AccessExtensions
{
    /// <summary>Callers of a worker that serves one model, by <c>Serve:ApiKey</c>, beside the factory's own identities. Refusals are the factory's scheme's in either case.</summary>
    public static void AddCallerKey(this IHostApplicationBuilder builder)
    {
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, CallerKeyHandler>(CallerKeyHandler.SchemeName, null);
        builder.Services.Configure<AuthenticationOptions>(options =>
        {
            options.DefaultAuthenticateScheme = CallerKeyHandler.SchemeName;
            options.DefaultChallengeScheme = InternalIdentityDefaults.Scheme;
            options.DefaultForbidScheme = InternalIdentityDefaults.Scheme;
        });
    }
}
