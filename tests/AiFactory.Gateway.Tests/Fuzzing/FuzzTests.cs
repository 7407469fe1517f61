using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Fuzzing;

/// <summary>Headers, paths, bodies, chunks and frames that are wrong in every way that chance finds, on bare connections: no client corrects them.</summary>
public sealed partial class FuzzTests
{
    private const int Requests = 20_000;
    private const string Secret = "what-only-the-other-tenant-may-read";

    /// <summary>What is not whole is waited for by the gateway: after so long without an answer, no more is sent.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    [Fact]
    public async Task No_request_of_twenty_thousand_is_answered_with_a_failure_of_ours_or_with_what_is_another_tenants()
    {
        // 1. A model of our tenant that says back whose request it answers, and one that is the other tenant's alone.
        await using var ours = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, context.Request.Path == "/tokenize"
            ? """{"count":1,"tokens":[1]}"""
            : FakeWorker.Completion.Replace("Hello", Nonce().Match((string?)context.Items[FakeWorker.BodyItem] ?? "").Value, StringComparison.Ordinal)));
        await using var others = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, FakeWorker.Completion.Replace("Hello", Secret, StringComparison.Ordinal)));
        await using var gateway = await GatewayUnderTest.StartAsync(
            Plan.Of(Plan.Deployment("demo-chat", ours), Plan.Deployment("secret-chat", "other", "chat", "project", others)), ("Forwarding:ReplicaWait", "00:00:01"));
        var address = gateway.Client.BaseAddress ?? throw new InvalidOperationException("The gateway has no address.");

        // 2. All of it, many at once.
        var wrong = new ConcurrentQueue<string>();
        var granted = 0;
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 96, CancellationToken = TestContext.Current.CancellationToken }, async (number, token) =>
        {
            var nonce = $"nonce-{number:D6}";
            var request = FuzzedRequest.Make(number, nonce);
            var answer = await SendAsync(address, request, token);
            Interlocked.Add(ref granted, answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal) ? 1 : 0);
            if (Failure().IsMatch(answer) || answer.Contains(Secret, StringComparison.Ordinal) || Nonce().Matches(answer).Any(found => found.Value != nonce))
            {
                wrong.Enqueue($"{number}: {Encoding.Latin1.GetString(request.Bytes)[..Math.Min(400, request.Bytes.Length)]} -> {answer[..Math.Min(600, answer.Length)]}");
            }
        });

        // 3. It was not the door alone that they met, and the gateway is as it was.
        wrong.ShouldBeEmpty();
        others.Seen.ShouldBeEmpty();
        ours.Seen.Count.ShouldBeGreaterThan(Requests / 10);
        granted.ShouldBeGreaterThan(Requests / 20);
        gateway.Log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal)).ShouldBeEmpty();
        using var after = await gateway.ChatAsync();
        after.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    /// <summary>All that came back until the gateway closed.</summary>
    private static async Task<string> SendAsync(Uri address, FuzzedRequest request, CancellationToken cancellationToken)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(address.Host, address.Port, cancellationToken);
        await using var stream = client.GetStream();
        using var answer = new MemoryStream();
        try
        {
            await stream.WriteAsync(request.Bytes, cancellationToken);
            if (request.IsSocket)
            {
                await ReadAsync(stream, answer, HasHead, cancellationToken);
                await stream.WriteAsync(request.Frames, cancellationToken);
            }

            if (!await ReadAsync(stream, answer, _ => false, cancellationToken))
            {
                client.Client.Shutdown(SocketShutdown.Send);
                await ReadToEndAsync(stream, answer, cancellationToken);
            }
        }
        catch (IOException)
        {
            // Refused in the middle of what is sent: what came before counts.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <returns>Whether it came to the end, or to where it is enough.</returns>
    private static async Task<bool> ReadAsync(NetworkStream stream, MemoryStream answer, Func<MemoryStream, bool> isEnough, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        while (!isEnough(answer))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Patience);
            try
            {
                var read = await stream.ReadAsync(buffer, limit.Token);
                if (read == 0)
                {
                    return true;
                }

                answer.Write(buffer, 0, read);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }

        return true;
    }

    private static async Task ReadToEndAsync(NetworkStream stream, MemoryStream answer, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await stream.CopyToAsync(answer, limit.Token);
    }

    private static bool HasHead(MemoryStream answer) => answer.GetBuffer().AsSpan(0, (int)answer.Length).IndexOf("\r\n\r\n"u8) >= 0;

    /// <summary>A status of 500 or above, of an answer or of a message; 505 is what a spoiled version of HTTP has to get.</summary>
    [GeneratedRegex("""^HTTP/1\.1 5(?!05)\d\d|\nHTTP/1\.1 5(?!05)\d\d|"status":5\d\d""")]
    private static partial Regex Failure();

    [GeneratedRegex(@"nonce-\d{6}")]
    private static partial Regex Nonce();
}
