namespace AiFactory.Contracts.Guardrails;

/// <summary>Kinds of personal data and of secrets; where a kind has a checksum, only what passes it is found.</summary>
public static class GuardrailEntities
{
    public const string Email = "email";

    /// <summary>With a country's code, or as written in Germany and the United States. It has no checksum: a long number can look like one.</summary>
    public const string Phone = "phone";

    /// <summary>Luhn's checksum and the networks' first digits.</summary>
    public const string CreditCard = "credit-card";

    /// <summary>The country's length, and mod 97.</summary>
    public const string Iban = "iban";

    /// <summary>Of version 4 or 6.</summary>
    public const string IpAddress = "ip-address";

    public const string UsSsn = "us-ssn";

    /// <summary>Germany's Steuer-ID.</summary>
    public const string GermanTaxId = "de-tax-id";

    /// <summary>Switzerland's AHV number.</summary>
    public const string SwissAhv = "ch-ahv";

    /// <summary>An access key of AWS.</summary>
    public const string AwsKey = "aws-key";

    /// <summary>Keys of this factory (<c>aif_</c>) and of services whose keys are known by how they begin.</summary>
    public const string ApiKey = "api-key";

    /// <summary>A JSON web token.</summary>
    public const string Jwt = "jwt";

    /// <summary>A private key in PEM.</summary>
    public const string PrivateKey = "private-key";

    public static IReadOnlyList<string> All { get; } =
        [Email, Phone, CreditCard, Iban, IpAddress, UsSsn, GermanTaxId, SwissAhv, AwsKey, ApiKey, Jwt, PrivateKey];
}
