using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using AiFactory.Inference.Fleet;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Access;

/// <summary>Lets in who sends the one key of a worker that serves one model; everybody else is the factory's own scheme's to judge.</summary>
internal sealed class CallerKeyHandler(IOptions<ServeOptions> serve, IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "CallerKey";
    private const string Prefix = "Bearer ";

    // Hashes have one length, so that the comparison tells nothing of the key's.
    private readonly byte[] _key = Hash(serve.Value.ApiKey ?? throw new InvalidOperationException("Serve:ApiKey is not set."));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            || !CryptographicOperations.FixedTimeEquals(_key, Hash(header[Prefix.Length..])))
        {
            return Context.AuthenticateAsync(InternalIdentityDefaults.Scheme);
        }

        // The key is the owner's: it uses the model, and may load, unload and look at the machine.
        var identity = InternalIdentity.WithRoles("key:serve", serve.Value.Project, factoryWide: false, [Roles.Operator]);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new InternalClaimsIdentity(identity, SchemeName).ToPrincipal(), SchemeName)));
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
