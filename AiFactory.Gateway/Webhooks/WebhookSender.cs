using System.Globalization;
using System.Text;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Outbound;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>
/// Sends one message once. Nothing is followed, nothing of an answer is read but its status, and nothing that a receiver says is repeated. Who sends messages is not told whether
/// a name is known here or what it stands for: so nobody can ask the site's own names.
/// </summary>
internal sealed partial class WebhookSender : IDisposable
{
    internal const string NotReachable =
        "The address is not known here, or not on the public internet. Who runs the factory can allow it with the settings Webhooks:AllowedHosts and Webhooks:AllowedNetworks, and finds in the log which it is.";

    private readonly HttpMessageInvoker _invoker;
    private readonly WebhookSecrets _secrets;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSender> _logger;

    public WebhookSender(WebhookSecrets secrets, OutboundConnector connector, IOptions<WebhookOptions> options, TimeProvider time, ILogger<WebhookSender> logger)
    {
        (_secrets, _options, _time, _logger) = (secrets, options.Value, time, logger);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            ConnectCallback = connector.ConnectAsync,
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = 32,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            UseCookies = false,
            UseProxy = false,
        });
    }

    public async Task<WebhookAttempt> SendAsync(WebhookMessageRow message, CancellationToken cancellationToken)
    {
        var secrets = await _secrets.InForceAsync(message.Project, cancellationToken);
        if (secrets.Count == 0)
        {
            // Another gateway may know its key, as in an update that changes it: the message is tried again.
            return await _secrets.HasAsync(message.Project, cancellationToken)
                ? new WebhookAttempt(null, "The project's secret was sealed with another key than this gateway's: name that in Secrets:OtherKeys, or rotate the secret (POST /api/webhooks/secret).")
                : new WebhookAttempt(null, "The project has no secret: make one (POST /api/webhooks/secret).", Final: true);
        }

        using var request = Request(message, secrets);

        // Timers run on the machine's clock.
        using var timer = new CancellationTokenSource(_options.Timeout);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            using var response = await _invoker.SendAsync(request, either.Token);
            var status = (int)response.StatusCode;
            return status switch
            {
                >= 200 and < 300 => new WebhookAttempt(status, null),
                >= 300 and < 400 => new WebhookAttempt(status, "The receiver redirects, which is not followed."),
                StatusCodes.Status410Gone => new WebhookAttempt(status, "The receiver does not want any more (410).", Final: true),
                _ => new WebhookAttempt(status, $"The receiver answered {status}.") { RetryAfter = response.Headers.RetryAfter?.Delta },
            };
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new WebhookAttempt(null, string.Create(CultureInfo.InvariantCulture, $"The receiver did not answer within {_options.Timeout.TotalSeconds:0.###} s."));
        }
        catch (Exception error) when (Refusal(error) is { } refusal)
        {
            LogRefused(_logger, message.Id, refusal.Message);
            return new WebhookAttempt(null, NotReachable);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new WebhookAttempt(null, Sentence(error));
        }
    }

    public void Dispose() => _invoker.Dispose();

    private HttpRequestMessage Request(WebhookMessageRow message, IReadOnlyList<string> secrets)
    {
        var (id, now) = (PublicId.Of(PublicId.Message, message.Id), _time.GetUtcNow());
        var request = new HttpRequestMessage(HttpMethod.Post, message.Url) { Content = new StringContent(message.Payload, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("User-Agent", "AiFactory");
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSignature.Sign(id, now, message.Payload, secrets));
        return request;
    }

    /// <summary>Ours, for .NET's hold what the receiver wrote.</summary>
    private static string Sentence(Exception error) => (error as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.ConnectionError => "The receiver cannot be connected to.",
        HttpRequestError.SecureConnectionError => "No secure connection to the receiver can be made: its certificate is not accepted here.",
        HttpRequestError.InvalidResponse => "What the receiver answered is no HTTP.",
        HttpRequestError.ConfigurationLimitExceeded => "The receiver's answer has too long headers.",
        _ => "The receiver broke the connection before it answered.",
    };

    /// <summary>The handler wraps what its connector throws.</summary>
    private static OutboundException? Refusal(Exception? error)
    {
        while (error is not null and not OutboundException)
        {
            error = error.InnerException;
        }

        return error as OutboundException;
    }

    [LoggerMessage(1732, LogLevel.Information, "The webhook message {Message} is not sent: {Reason}")]
    private static partial void LogRefused(ILogger logger, Guid message, string reason);
}

/// <param name="Status">Null where there was no answer.</param>
/// <param name="Error">Null when it was delivered.</param>
/// <param name="Final">Whether another attempt would come to the same.</param>
internal sealed record WebhookAttempt(int? Status, string? Error, bool Final = false)
{
    public TimeSpan? RetryAfter { get; init; }
}
