using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Forwarding;

/// <summary>A replica's answer that is read to its end before the client gets what is made of it, so that a failure has its own status: rules look at it, or it is written anew.</summary>
/// <param name="guard">The rules that are about it; null where it is written anew.</param>
internal sealed class HeldAnswer(Exchange exchange, HttpResponseMessage upstream, AnswerGuard? guard, ForwardingOptions options)
{
    private bool IsJson => upstream.Content.Headers.ContentType?.MediaType == "application/json";

    /// <param name="buffer">Holds the first <paramref name="read"/> bytes of it, and then the others, piece by piece.</param>
    public async Task RunAsync(Stream body, byte[] buffer, int read)
    {
        ReadOnlyMemory<byte>? answer = null;
        var error = OpenAIError.UpstreamBroke;
        try
        {
            var tooLong = await ReadAsync(body, buffer, read);
            if (guard is not null)
            {
                (answer, error) = await GuardAsync(guard, tooLong);
            }
            else if (exchange.Rewrite?.Invoke() is { } made)
            {
                answer = made;
            }
        }
        catch (OperationCanceledException)
        {
            error = exchange.IsOverdue ? OpenAIError.TotalTimeout(options.TotalTimeout) : OpenAIError.IdleTimeout(options.IdleTimeout);
        }
        catch (Exception broken) when (broken is IOException or HttpRequestException)
        {
            // What is known of it is known already.
        }

        exchange.Unlimit();
        if (exchange.ClientLeft)
        {
            exchange.Error = "client_left";
        }
        else if (answer is not { } whole)
        {
            exchange.Error = error.Reason;
            await OpenAIErrorWriter.WriteAsync(exchange.Context, error);
        }
        else
        {
            if (guard is { IsLarge: true })
            {
                ClientPace.Ask(exchange.Context);
            }

            AnswerHead.Copy(exchange, upstream, options, events: false);
            exchange.Context.Response.ContentLength = whole.Length;
            await exchange.Context.Response.BodyWriter.WriteAsync(whole, exchange.Context.RequestAborted);
        }
    }

    /// <returns>Why no more of it was read than rules may hold; null where it was read to its end.</returns>
    private async Task<OpenAIError?> ReadAsync(Stream body, byte[] buffer, int read)
    {
        while (read > 0)
        {
            exchange.Observe(buffer.AsSpan(0, read), events: false);
            if (guard?.Grows(read) == true)
            {
                exchange.Unlimit();
                await guard.GrowAsync(exchange.Token);
            }

            var tooLong = guard?.Take(buffer.AsSpan(0, read));
            exchange.Limit(options.IdleTimeout);
            if (tooLong is not null)
            {
                return tooLong;
            }

            read = await body.ReadAsync(buffer, exchange.Token);
        }

        return null;
    }

    /// <returns>The answer as rules let it pass, or why they do not.</returns>
    private async Task<(ReadOnlyMemory<byte>? Answer, OpenAIError Error)> GuardAsync(AnswerGuard rules, OpenAIError? tooLong)
    {
        exchange.Unlimit();
        var (passing, stopped) = tooLong is not null ? (default, tooLong) : IsJson ? await rules.MakeAsync(exchange.Token) : (default, GuardrailError.Unreadable);
        stopped ??= await rules.JudgeAsync(passing);
        if (stopped is { Status: >= StatusCodes.Status500InternalServerError })
        {
            // Clients of OpenAI's ask again by themselves after any 5xx; that would compute, and cost, the same again.
            exchange.Context.Response.Headers["x-should-retry"] = "false";
        }

        exchange.Guarding?.WriteHeader(exchange.Context.Response);
        if (stopped is not null)
        {
            return (null, stopped);
        }

        return (passing, OpenAIError.UpstreamBroke);
    }
}
