using AiFactory.Testing.Postgres;

namespace AiFactory.Gateway.Tests.Storage;

public sealed class MigrationTests
{
    /// <summary>A file's SHA-256 as it was released: a database that has it refuses another. What is new is added here.</summary>
    private static readonly Dictionary<string, string> Released = new(StringComparer.Ordinal)
    {
        ["0001_usage.sql"] = "363f8550d20cc58e7c5d0bf7266b6dcd3582e8566a46433c734f80834ee74129",
        ["0002_audit.sql"] = "dd6007d9e53e21e578ec3dde9b4568f85ae4bee6a9452731918173eb8328949e",
        ["0003_cache_mark.sql"] = "57c9f4cda322db4f8e39414e459f5c200a2c616fedafdb955f368f235ef858cd",
        ["0004_batches.sql"] = "a88134c69221b6729be3b4fa3deccdc15187dfe7a3714e4fee38b1e791e1b8a3",
        ["0005_limits.sql"] = "1e22ae61dd390edbc6adc834a73e0241dc288fdca53b8ff86cdd993261ce00f2",
        ["0006_cached_answers.sql"] = "f62f560bce94b6c088acd25d75e8bad93cbf618068008865f96e6accfce4c9ff",
        ["0007_guardrails.sql"] = "e46848529feb6c27da832e38ec942eb0302c8de67d981fb00fe2da4cdfff186a",
        ["0008_webhooks.sql"] = "ef80197efe6c8703e06a7fc6942371eeaf6ace741cfeb988fd8a8b526aef2126",
        ["0009_work_owners.sql"] = "916beaac4d0c0698109c806c88857513cd646f8b8bff4ae4748bf46a9921c65c",
        ["0010_limit_windows_forgotten.sql"] = "977c8a51506a2529caeb03d070e0c8b9c167e7d4d471160bd56638b3145dfce0",
        ["0011_uploads.sql"] = "411fa23e5909bd98850212d4c7356bf67a9c1af0cc5db14af64197ad9eff1bd6",
        ["0012_images.sql"] = "a0d1aa11bd3367bba7ac2b4f7db3537b21f7b83018f0e9911dbd781ad8d3bc48",
        ["0013_variants.sql"] = "0973b83b38fae694e001e4540aea743916865344334954b8e6c67c7b32d56b84",
        ["0014_retried_work.sql"] = "e149948c5ce5875bd48ba467c2d8f5be15d8481724fd8de1220911a55a70b7f1",
        ["0015_batch_room.sql"] = "74a95b4f30ca2c0bae857556b192e5c157e2d59d76499ffdeb01162b6b0c22f0",
        ["0016_scores.sql"] = "e3550aad440403d865ab5139f611ea91054698b79e54b760410fc5ee85150132",
        ["0017_rollout_steps.sql"] = "604b9cdc0a8abfaa64161cce19a4a67df5fbcdc717d677dd9cd697b084f3b9ce",
    };

    [Fact]
    public void A_migration_that_was_released_never_changes() => MigrationFiles.Complaints(typeof(Program).Assembly, Released).ShouldBeEmpty();
}
