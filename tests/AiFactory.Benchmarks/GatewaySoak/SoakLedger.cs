using Npgsql;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>The gateway's ledger beside what the clients saw and what the upstreams were asked.</summary>
/// <param name="Rows">Of requests, each once.</param>
/// <param name="Twice">Requests with more than one record.</param>
/// <param name="Unknown">Records of requests that nobody made.</param>
/// <param name="Unseen">Requests that an upstream was asked, and of which there is no record.</param>
/// <param name="Unrecorded">Answers that a client has, without a record that says so.</param>
/// <param name="Miscounted">Answers that a client has, whose record has other tokens.</param>
/// <param name="Interrupted">Records that were never ended, but for that of the request which was under way when the gateway was killed.</param>
/// <param name="Cut">Whether that has its record, which says so.</param>
/// <param name="WorkRows">Answered requests of batches and jobs.</param>
/// <param name="Spent">By the project with a budget, in units of the currency.</param>
internal sealed record SoakLedger(long Rows, long Twice, long Unknown, long Unseen, long Unrecorded, long Miscounted, long Interrupted, bool Cut, long WorkRows, decimal Spent)
{
    private const decimal Millionths = 1_000_000;
    private const string InterruptedOutcome = "interrupted";

    /// <param name="cutKey">Of the request that was under way when the gateway was killed.</param>
    public static async Task<SoakLedger> ReadAsync(string database, SoakTally tally, IReadOnlyCollection<string> asked, long cutKey, CancellationToken cancellationToken)
    {
        var cut = false;
        var (records, work) = (new Dictionary<long, (bool Answered, int? Prompt, int? Answer, bool Estimated)>(), new HashSet<string>());
        long rows = 0, twice = 0, unknown = 0, interrupted = 0, worked = 0, spent = 0;
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select request_id, outcome, prompt_tokens, completion_tokens, estimated, project, cost_micros from usage");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows++;
            var (id, outcome) = (reader.GetString(0), reader.GetString(1));
            var isCut = SoakTokens.KeyOf(id) == cutKey;
            cut |= isCut && outcome == InterruptedOutcome;
            interrupted += outcome == InterruptedOutcome && !isCut ? 1 : 0;
            spent += reader.GetString(5) == SoakPlan.BudgetProject && !reader.IsDBNull(6) ? reader.GetInt64(6) : 0;
            if (SoakTokens.KeyOf(id) is not { } key)
            {
                twice += work.Add(id) ? 0 : 1;
                worked += outcome == SoakTally.Answered ? 1 : 0;
                continue;
            }

            unknown += key / SoakTokens.MostOfConnection > tally.Last ? 1 : 0;
            var record = (outcome == SoakTally.Answered, reader.IsDBNull(2) ? (int?)null : (int)reader.GetInt64(2), reader.IsDBNull(3) ? (int?)null : (int)reader.GetInt64(3), reader.GetBoolean(4));
            twice += records.TryAdd(key, record) ? 0 : 1;
        }

        var unseen = asked.Count(id => id.Length > 0 && (SoakTokens.KeyOf(id) is { } key ? !records.ContainsKey(key) : !work.Contains(id)));
        var unrecorded = tally.AnsweredWith.Count(one => !records.TryGetValue(one.Key, out var record) || !record.Answered);
        var miscounted = tally.AnsweredWith.Count(one => one.Value != SoakTally.UnknownTokens && records.TryGetValue(one.Key, out var record) && (record.Estimated || record.Answer != one.Value || record.Prompt != SoakTokens.Prompt(one.Key)));
        return new SoakLedger(rows, twice, unknown, unseen, unrecorded, miscounted, interrupted, cut, worked, spent / Millionths);
    }
}
