using System.Net;
using AiFactory.ServiceDefaults.Outbound;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Tools.Http;

/// <summary>The one way out of the factory for tools and HTTP steps: http and https, public addresses only, a bounded time and a bounded answer.</summary>
internal sealed class OutboundHttp : IDisposable
{
    private const int MostRedirects = 5;

    private readonly HttpMessageInvoker _invoker;
    private readonly OutboundAnswerReader _reader;
    private readonly TimeProvider _time;

    public OutboundHttp(OutboundConnector connector, IOptions<OutboundOptions> options, TimeProvider time)
    {
        _time = time;
        _reader = new OutboundAnswerReader(options.Value.MaxResponseBytes);
        _invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            // Our trace ids are nobody's outside; the call has a span of its own.
            ActivityHeadersPropagator = null,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectCallback = connector.ConnectAsync,
            ConnectTimeout = options.Value.ConnectTimeout,
            MaxResponseDrainSize = 0,
            MaxResponseHeadersLength = 64,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            UseCookies = false,
            UseProxy = false,
        });
    }

    /// <summary>The answer, whatever its status.</summary>
    /// <exception cref="OutboundException">The call is not allowed, or gave no answer that can be read.</exception>
    public async Task<OutboundAnswer> SendAsync(OutboundRequest request, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(request.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            return await FollowAsync(request, either.Token);
        }
        catch (OperationCanceledException error) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException($"'{request.Url.Host}' did not answer within {request.Timeout.TotalSeconds:0.###} s.", isTransient: true, error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new OutboundException($"No connection to '{request.Url.Host}' could be made in time.", isTransient: true, error);
        }
        catch (Exception error) when (Refusal(error) is { } refusal)
        {
            throw new OutboundException(refusal.Message, refusal.IsTransient, error);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or InvalidDataException)
        {
            throw new OutboundException($"'{request.Url.Host}' gave no answer: {error.Message}", isTransient: true, error);
        }
    }

    public void Dispose() => _invoker.Dispose();

    /// <summary>The request, and where it leads: a redirected GET is followed, and loses the author's headers when it leaves the host, for they may hold a secret.</summary>
    private async Task<OutboundAnswer> FollowAsync(OutboundRequest request, CancellationToken cancellationToken)
    {
        var target = request.Url;
        for (var redirects = 0; ; redirects++)
        {
            Check(target, request);
            using var message = OutboundMessage.Create(request, target, withHeaders: IsSameOrigin(target, request.Url));
            using var response = await _invoker.SendAsync(message, cancellationToken);
            if (request.Method != HttpMethod.Get || Redirect(response, target) is not { } next)
            {
                return await _reader.ReadAsync(response, cancellationToken);
            }

            if (redirects == MostRedirects)
            {
                throw new OutboundException($"'{request.Url.Host}' redirects more than {MostRedirects} times.", isTransient: false);
            }

            if (target.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp)
            {
                throw new OutboundException($"'{target.Host}' redirects from https to http, which is not followed.", isTransient: false);
            }

            if (request.StaysAtOrigin && !IsSameOrigin(next, request.Url))
            {
                throw new OutboundException($"'{request.Url.Host}' redirects to '{next.Host}', which is not followed, for the address or the body holds a secret.", isTransient: false);
            }

            target = next;
        }
    }

    private static void Check(Uri target, OutboundRequest request)
    {
        if (!target.IsAbsoluteUri || target.Scheme is not ("http" or "https"))
        {
            throw new OutboundException($"'{target}' is not an http or https address.", isTransient: false);
        }

        if (target.UserInfo.Length > 0)
        {
            throw new OutboundException("An address must not hold a user's name or password: use a header.", isTransient: false);
        }

        if (request.OnlyHosts.Count > 0 && !request.OnlyHosts.Any(host =>
            host.Equals(target.Host, StringComparison.OrdinalIgnoreCase) || host.Equals(target.Authority, StringComparison.OrdinalIgnoreCase)))
        {
            throw new OutboundException($"The host '{target.Host}' is not among those that this step may call: {string.Join(", ", request.OnlyHosts)}.", isTransient: false);
        }
    }

    private static Uri? Redirect(HttpResponseMessage response, Uri target) => (int)response.StatusCode is 301 or 302 or 303 or 307 or 308
        && response.Headers.Location is { } location ? new Uri(target, location) : null;

    private static bool IsSameOrigin(Uri one, Uri other) => one.Scheme == other.Scheme && one.Authority.Equals(other.Authority, StringComparison.OrdinalIgnoreCase);

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
