using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Tests.Edges;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.ModelLibrary.Tests.Auditing;

public sealed class AuditMarkTests(PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The newest number alone was looked at: who looked between the two commits never saw the act of the lower number.</summary>
    [Fact]
    public async Task An_act_that_was_numbered_first_and_is_committed_last_is_seen()
    {
        await using var library = await LibraryUnderTest.StartAsync(postgres);
        var database = library.Services.GetRequiredService<Database>();
        var audit = library.Services.GetRequiredService<AuditStore>();
        await using var slow = await database.BeginAsync(Token);
        await AppendAsync(slow, "model.revoked");
        await using (var quick = await database.BeginAsync(Token))
        {
            await AppendAsync(quick, "model.approved");
            await quick.CommitAsync(Token);
        }

        var before = await audit.MarkAsync(Token);
        await slow.CommitAsync(Token);

        (await audit.MarkAsync(Token)).ShouldNotBe(before);

        Task AppendAsync(DatabaseTransaction transaction, string action) =>
            audit.InsertAsync(transaction, new AuditEntry("bank", "user:ada", action, "model-version/1"), null, DateTimeOffset.UnixEpoch, Token);
    }
}
