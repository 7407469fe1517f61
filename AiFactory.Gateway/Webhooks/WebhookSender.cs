using System.Globalization;
using System.Text;
using AiFactory.Gateway.Storage;
using AiFactory.ServiceDefaults.Outbound;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Webhooks;

/// <summary>Sends one message once. Nothing is followed, nothing of an answer is read but its status.</summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly WebhookSecrets _secrets;
    private readonly WebhookOptions _options;
    private readonly TimeProvider _time;

    public WebhookSender(WebhookSecrets secrets, OutboundConnector connector, IOptions<WebhookOptions> options, TimeProvider time)
    {
        (_secrets, _options, _time) = (secrets, options.Value, time);
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
            return new WebhookAttempt(null, "The project's secret is not there, or was sealed with another key (Secrets:Key, Identity:Key): rotate it (POST /api/webhooks/secret).", Final: true);
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
            return new WebhookAttempt(null, refusal.Message, Final: !refusal.IsTransient);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            return new WebhookAttempt(null, $"The receiver gave no answer: {error.Message}");
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

    /// <summary>The handler wraps what its connector throws.</summary>
    private static OutboundException? Refusal(Exception? error)
    {
        while (error is not null and not OutboundException)
        {
            error = error.InnerException;
        }

        return error as OutboundException;
    }
}

/// <param name="Status">Null where there was no answer.</param>
/// <param name="Error">Null when it was delivered.</param>
/// <param name="Final">Whether another attempt would come to the same.</param>
internal sealed record WebhookAttempt(int? Status, string? Error, bool Final = false)
{
    public TimeSpan? RetryAfter { get; init; }
}
