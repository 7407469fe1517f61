using System.Net;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var complaints = options.AllowedNetworks.Index().Where(network => !IPNetwork.TryParse(network.Item, out _))
            .Select(network => $"Webhooks:AllowedNetworks:{network.Index} is no network, which has the form 10.20.0.0/16.").ToList();
        return complaints.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(complaints);
    }
}
