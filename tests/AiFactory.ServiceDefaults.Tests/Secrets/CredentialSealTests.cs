using System.Text;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Secrets;
using Microsoft.Extensions.Options;

namespace AiFactory.ServiceDefaults.Tests.Secrets;

public sealed class CredentialSealTests
{
    private const string Secret = "sk-a-credential-of-the-tests-ab12";
    private const string Purpose = "upstream 1 https://api.example.com:443";

    [Fact]
    public void What_was_sealed_opens_for_its_purpose_and_shows_nothing_until_then()
    {
        var seal = Seal();

        var text = seal.Seal(Secret, Purpose);

        seal.TryOpen(text, Purpose, out var opened, out _).ShouldBeTrue();
        opened.ShouldBe(Secret);
        text.ShouldNotContain("ab12");
        Encoding.Latin1.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(text.Split('.')[2])).ShouldNotContain("credential");
        seal.Seal(Secret, Purpose).ShouldNotBe(text, "a nonce is used once");
    }

    [Fact]
    public void For_another_purpose_or_changed_by_one_letter_it_does_not_open()
    {
        var seal = Seal();
        var text = seal.Seal(Secret, Purpose);

        seal.TryOpen(text, "upstream 1 https://evil.example:443", out var credential, out var complaint).ShouldBeFalse();
        credential.ShouldBeNull();
        complaint.ShouldBe("it was changed, or sealed for another upstream or address; set it anew");
        for (var at = text.LastIndexOf('.') + 1; at < text.Length - 1; at += 7)
        {
            seal.TryOpen($"{text[..at]}{(text[at] == 'A' ? 'B' : 'A')}{text[(at + 1)..]}", Purpose, out _, out _).ShouldBeFalse($"letter {at}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("sk-in-the-clear")]
    [InlineData("v1.00000000.AAAA")]
    [InlineData("v2.00000000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("v1.00000000.not base64!")]
    public void What_is_no_seal_is_said_to_be_none(string text)
    {
        Seal().TryOpen(text, Purpose, out _, out var complaint).ShouldBeFalse();
        complaint.ShouldStartWith("it is not sealed as this version");
    }

    [Fact]
    public void Another_key_is_told_from_a_change_and_the_own_setting_goes_before_the_identity_key()
    {
        var text = Seal().Seal(Secret, Purpose);

        Seal(identity: new string('j', 32)).TryOpen(text, Purpose, out _, out var complaint).ShouldBeFalse();
        complaint.ShouldContain("sealed with another key: Secrets:Key (where that is not set, Identity:Key)");
        Seal(own: new string('o', 32)).TryOpen(text, Purpose, out _, out _).ShouldBeFalse();

        var own = Seal(own: new string('o', 32)).Seal(Secret, Purpose);
        Seal(own: new string('o', 32), identity: new string('j', 32)).TryOpen(own, Purpose, out var opened, out _).ShouldBeTrue();
        opened.ShouldBe(Secret);
    }

    [Fact]
    public void What_a_former_key_has_sealed_opens_and_is_sealed_anew_with_the_key_of_now()
    {
        var identity = Seal().Seal(Secret, Purpose);
        var former = Seal(own: new string('f', 32)).Seal(Secret, Purpose);
        var now = Seal(own: new string('n', 32), former: [new string('f', 32), new string('i', 32)]);

        foreach (var text in new[] { identity, former })
        {
            now.TryOpen(text, Purpose, out var opened, out _).ShouldBeTrue();
            opened.ShouldBe(Secret);
            now.TryReseal(text, Purpose, out var anew).ShouldBeTrue();
            Seal(own: new string('n', 32)).TryOpen(anew.ShouldNotBeNull(), Purpose, out opened, out _).ShouldBeTrue();
            opened.ShouldBe(Secret);
            now.TryReseal(anew, Purpose, out _).ShouldBeFalse("it is sealed with the key of now");
            now.TryReseal(text, "another purpose", out _).ShouldBeFalse("it does not open for it");
        }

        now.TryReseal(Seal(own: new string('x', 32)).Seal(Secret, Purpose), Purpose, out _).ShouldBeFalse("nobody knows its key");
    }

    private static CredentialSeal Seal(string own = "", string? identity = null, params string[] former)
    {
        var secrets = new SecretsOptions { Key = own };
        foreach (var key in former)
        {
            secrets.OtherKeys.Add(key);
        }

        return new CredentialSeal(Options.Create(secrets), Options.Create(new IdentityOptions { Key = identity ?? new string('i', 32) }));
    }
}
