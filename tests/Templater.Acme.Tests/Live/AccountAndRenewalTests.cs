using System.Security.Cryptography.X509Certificates;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>Accounts, renewal, revocation, profiles and chains at a real CA that uses authorizations again and has several roots.</summary>
[Parallelizable(ParallelScope.Self)]
public sealed class AccountAndRenewalTests
{
    private static readonly PebbleOptions Options = new() { AuthorizationReuse = 100, AlternateRoots = 1, ChainLength = 2, RetryAfter = 1 };

    private Pebble _pebble = null!;
    private HttpSolver _http = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _pebble = await Pebble.StartAsync(Options);
        _http = new HttpSolver(_pebble.HttpPort);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http?.Dispose();
        if (_pebble is not null)
            await _pebble.DisposeAsync();
    }

    // Fault 1, 12, 16, 17, 32. Of half of all nonces eleven in a row were refused once in fifty runs; of a quarter never.
    [Test]
    public async Task FiveNamesAreObtainedAndThenAgainWithoutAChallenge()
    {
        await using var pebble = await Pebble.StartAsync(Options with { NonceReject = 25 });
        await using var ca = await TestCa.CreateAsync(pebble);
        using var http = new HttpSolver(pebble.HttpPort);
        var wish = TestCa.Wish([.. Enumerable.Range(0, 5).Select(_ => TestCa.NewName())]);

        var issued = await ca.ObtainAsync(wish, http);
        var before = http.Calls.Count;
        var again = await ca.ObtainAsync(wish, http);

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.Identifiers, Is.EquivalentTo(wish.Identifiers));
            Assert.That(issued.Chain.Certificates, Has.Count.EqualTo(3));
            Assert.That(http.Calls, Has.Count.EqualTo(before), "all authorizations were valid already");
            Assert.That(again.Key.Public.Thumbprint, Is.Not.EqualTo(issued.Key.Public.Thumbprint));
        });
    }

    [Test]
    public async Task ARenewalMayKeepItsKey()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var wish = TestCa.Wish(TestCa.NewName());
        var issued = await ca.ObtainAsync(wish, _http);

        var again = await ca.ObtainAsync(wish with { Key = issued.Key }, _http);

        Assert.Multiple(() =>
        {
            Assert.That(again.Key.Fits(issued.Chain.Leaf), Is.True);
            Assert.That(again.Chain.Leaf.SerialNumber, Is.Not.EqualTo(issued.Chain.Leaf.SerialNumber));
        });
    }

    [Test]
    public async Task AnAccountIsFoundByItsKeyChangedAndDeactivated()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var unknown = PrivateKey.Generate();

        Assert.That(await ca.Client.FindAccountAsync(ca.Key, CancellationToken.None), Is.EqualTo(ca.Account));
        Assert.That(await ca.Client.FindAccountAsync(unknown, CancellationToken.None), Is.Null);
        await ca.Client.UpdateContactsAsync(ca.Account, ["other@example.org"], CancellationToken.None);
        Assert.That((await ca.Client.ReadAccountAsync(ca.Account, CancellationToken.None)).Contact, Is.EqualTo(new[] { "mailto:other@example.org" }));
        await ca.Client.DeactivateAccountAsync(ca.Account, CancellationToken.None);
        Assert.That((await TestCa.FailureAsync(() => ca.Client.ReadAccountAsync(ca.Account, CancellationToken.None))).Failure, Is.EqualTo(AcmeFailure.Account));
    }

    // Fault 28
    [TestCase(KeyType.Ec384)]
    [TestCase(KeyType.Rsa2048)]
    public async Task AnAccountGetsAnotherKey(KeyType type)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        using var next = PrivateKey.Generate(type);

        var changed = await ca.Client.ChangeKeyAsync(ca.Account, next, CancellationToken.None);

        Assert.That(changed.Url, Is.EqualTo(ca.Account.Url));
        Assert.That(await ca.Client.FindAccountAsync(ca.Key, CancellationToken.None), Is.Null);
        var order = await ca.Client.NewOrderAsync(changed, [TestCa.NewName()], "classic", null, CancellationToken.None);
        Assert.That(order.Status, Is.EqualTo(OrderStatus.Pending));
    }

    // Fault 29
    [Test]
    public async Task ACertificateIsRevokedByItsAccountOrItsKeyAndASecondTimeToo()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var wish = TestCa.Wish(TestCa.NewName());
        var (one, two) = (await ca.ObtainAsync(wish, _http), await ca.ObtainAsync(wish, _http));

        await ca.Client.RevokeAsync(ca.Account, one.Chain.Leaf, RevocationReason.Superseded, CancellationToken.None);
        await ca.Client.RevokeAsync(ca.Account, one.Chain.Leaf, RevocationReason.Superseded, CancellationToken.None);
        await ca.Client.RevokeAsync(two.Key, two.Chain.Leaf, RevocationReason.Unspecified, CancellationToken.None);

        Assert.That((await _pebble.StatusAsync(one.Chain.Leaf.SerialNumber)).GetProperty("Status").GetString(), Is.EqualTo("Revoked"));
        Assert.That((await _pebble.StatusAsync(two.Chain.Leaf.SerialNumber)).GetProperty("Status").GetString(), Is.EqualTo("Revoked"));
    }

    [Test]
    public async Task TheCaTellsWhenToRenew()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var issued = await ca.ObtainAsync(TestCa.Wish(TestCa.NewName()), _http);

        var info = (await ca.Client.ReadRenewalInfoAsync(CertificateId.Of(issued.Chain.Leaf)!, CancellationToken.None))!;

        Assert.Multiple(() =>
        {
            Assert.That(info.IsUsable, Is.True);
            Assert.That(info.SuggestedWindow.End, Is.LessThan(issued.Chain.NotAfter));
            Assert.That(info.RetryAt, Is.GreaterThan(DateTimeOffset.UtcNow));
        });
    }

    // Fault 45, as far as it is the protocol's
    [Test]
    public async Task AWindowThatIsNoneIsTold()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var leaf = (await ca.ObtainAsync(TestCa.Wish(TestCa.NewName()), _http)).Chain.Leaf;
        var id = CertificateId.Of(leaf)!;

        await _pebble.SetRenewalInfoAsync(leaf.ExportCertificatePem(), """{"suggestedWindow":{"start":"2026-01-02T00:00:00Z","end":"2026-01-01T00:00:00Z"},"explanationURL":"https://ca.test/why"}""");
        var inverted = (await ca.Client.ReadRenewalInfoAsync(id, CancellationToken.None))!;
        await _pebble.SetRenewalInfoAsync(leaf.ExportCertificatePem(), """{"suggestedWindow":{"start":""");
        var malformed = await TestCa.FailureAsync(() => ca.Client.ReadRenewalInfoAsync(id, CancellationToken.None));
        await _pebble.SetRenewalInfoAsync(leaf.ExportCertificatePem(), """{"suggestedWindow":{"end":"2026-01-01T00:00:00Z"}}""");
        var half = await TestCa.FailureAsync(() => ca.Client.ReadRenewalInfoAsync(id, CancellationToken.None));

        Assert.Multiple(() =>
        {
            Assert.That(inverted.IsUsable, Is.False);
            Assert.That(inverted.ExplanationUrl, Is.EqualTo("https://ca.test/why"));
            Assert.That((malformed.Failure, half.Failure), Is.EqualTo((AcmeFailure.BadAnswer, AcmeFailure.BadAnswer)));
        });
    }

    // Fault 48
    [Test]
    public async Task ACertificateIsReplacedOnceAndThenOrderedWithoutSayingSo()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var wish = TestCa.Wish(TestCa.NewName());
        var issued = await ca.ObtainAsync(wish, _http);
        var renewal = wish with { Replaces = CertificateId.Of(issued.Chain.Leaf) };

        await ca.ObtainAsync(renewal, _http);
        Assert.That(ca.Notices, Is.Empty);
        await ca.ObtainAsync(renewal, _http);

        Assert.That(ca.Notices, Has.One.Contains("without saying which certificate is renewed"));
    }

    // Fault 23
    [Test]
    public async Task AProfileIsTakenWhereTheCaHasItElseItsDefaultOrNothing()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var wish = TestCa.Wish(TestCa.NewName());

        var tiny = await ca.ObtainAsync(wish with { Profile = "tiny", RequiresProfile = true }, _http);
        var preferred = await ca.ObtainAsync(wish with { Profile = "none-such" }, _http);
        var required = await TestCa.FailureAsync(() => ca.ObtainAsync(wish with { Profile = "none-such", RequiresProfile = true }, _http));

        Assert.Multiple(() =>
        {
            Assert.That(tiny.Chain.NotAfter, Is.LessThan(DateTimeOffset.UtcNow.AddMinutes(2)));
            Assert.That(preferred.Profile, Is.Null);
            Assert.That(ca.Notices, Has.One.Contains("has no profile 'none-such' (it has classic, shortlived, tiny)"));
            Assert.That(required.Failure, Is.EqualTo(AcmeFailure.Profile));
        });
    }

    // Fault 23: the CA forgot the profile after it told its directory.
    [TestCase(true)]
    [TestCase(false)]
    public async Task AProfileThatTheCaRefusesIsLeftOutUnlessItIsRequired(bool required)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path == "/dir" ? reply.With(reply.Text.Replace("\"classic\"", "\"gone\"", StringComparison.Ordinal)) : reply;
        };
        var other = new AcmeClient(ca.Proxy.DirectoryUrl, ca.Http, TimeProvider.System);
        var notices = new List<string>();
        var orderer = new CertificateOrderer(other, ca.Account, [_http], ca.Journal, TimeProvider.System, notices.Add);
        var wish = TestCa.Wish(TestCa.NewName()) with { Profile = "gone", RequiresProfile = required };

        if (required)
        {
            Assert.That((await TestCa.FailureAsync(() => orderer.ObtainAsync(wish, CancellationToken.None))).Failure, Is.EqualTo(AcmeFailure.Profile));
            return;
        }

        await orderer.ObtainAsync(wish, CancellationToken.None);
        Assert.That(notices, Has.One.Contains("invalidProfile"));
    }

    // Fault 31
    [Test]
    public async Task AChainIsChosenByItsRoot()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var wish = TestCa.Wish(TestCa.NewName());
        var roots = await RootsAsync();
        foreach (var root in roots)
            Assert.That((await ca.ObtainAsync(wish with { PreferredRoot = root }, _http)).Chain.EndsAt(root), Is.True, root);
        Assert.That(ca.Notices, Is.Empty);
        var missed = await ca.ObtainAsync(wish with { PreferredRoot = "No Such Root" }, _http);

        Assert.Multiple(() =>
        {
            Assert.That(missed.Chain.EndsAt(roots[0]), Is.True);
            Assert.That(ca.Notices, Has.One.Contains("ends at 'No Such Root'"));
        });
    }

    [TestCase(404, "malformed")]
    [TestCase(429, "rateLimited")]
    [TestCase(500, "serverInternal")]
    [TestCase(200, "cannot be used")]
    public async Task AnAlternateChainThatCannotBeHadCostsNoCertificate(int status, string expected)
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var roots = await RootsAsync();
        ca.Proxy.Fault = async (request, onward, _) => !IsAlternate(request)
            ? await onward(request)
            : status == 200 ? Chain("server { }") : ProxiedReply.Problem(status, expected);

        var issued = await ca.ObtainAsync(TestCa.Wish(TestCa.NewName()) with { PreferredRoot = roots[1] }, _http);

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.EndsAt(roots[0]), Is.True);
            Assert.That(ca.Notices, Has.One.Contains("an alternate chain").And.Contains(expected));
        });
    }

    [Test]
    public async Task AnAlternateChainOfAnotherCertificateIsNotPreferred()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var roots = await RootsAsync();
        var wish = TestCa.Wish(TestCa.NewName()) with { PreferredRoot = roots[1] };
        var foreign = (await ca.ObtainAsync(wish, _http)).Chain.ToPem();
        ca.Proxy.Fault = async (request, onward, _) => IsAlternate(request) ? Chain(foreign) : await onward(request);

        var issued = await ca.ObtainAsync(wish, _http);

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.EndsAt(roots[0]), Is.True);
            Assert.That(ca.Notices, Has.One.Contains("is left aside: its first certificate is for another key"));
        });
    }

    // Fault 22
    [Test]
    public async Task ANameThatIsRefusedIsLeftOutWhereThatIsAllowed()
    {
        await using var ca = await TestCa.CreateAsync(_pebble);
        var (good, bad) = (TestCa.NewName(), Identifier.Dns(Pebble.BlockedName));

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(good, bad), _http));
        var issued = await ca.ObtainAsync(TestCa.Wish(good, bad) with { AllowsSubset = true }, _http);

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Identifier));
            Assert.That(issued.Identifiers, Is.EqualTo(new[] { good }));
            Assert.That(issued.LeftOut.Select(left => left.Identifier), Is.EqualTo(new[] { bad }));
        });
    }

    // Fault 24
    [Test]
    public async Task AnAccountIsNotMadeWithoutAgreementToTheTerms()
    {
        await using var ca = await TestCa.CreateAsync(_pebble, withAccount: false);

        var failure = await TestCa.FailureAsync(() => ca.Client.NewAccountAsync(ca.Key, [], termsAgreed: false, null, CancellationToken.None));

        Assert.That(failure.Message, Does.Contain("terms of service").IgnoreCase);
    }

    // Fault 25
    [Test]
    public async Task AnExternalAccountIsBoundInEachFormOfItsKey()
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { ExternalAccountRequired = true });
        await using var ca = await TestCa.CreateAsync(pebble, withAccount: false);
        var wrong = new ExternalAccountBinding(Pebble.ExternalKeyId, "c2VjcmV0LW9mLXRoZS1vcGVyYXRvcg");

        var missing = await TestCa.FailureAsync(() => ca.Client.NewAccountAsync(ca.Key, [], termsAgreed: true, null, CancellationToken.None));
        var refused = await TestCa.FailureAsync(() => ca.Client.NewAccountAsync(ca.Key, [], termsAgreed: true, wrong, CancellationToken.None));
        foreach (var form in new[] { Pebble.ExternalKey, Pebble.ExternalKey + "==", " " + Pebble.ExternalKey.Replace('-', '+').Replace('_', '/') })
        {
            using var key = PrivateKey.Generate();
            Assert.That((await ca.Client.NewAccountAsync(key, [], termsAgreed: true, new ExternalAccountBinding(Pebble.ExternalKeyId, form), CancellationToken.None)).IsNew, Is.True);
        }

        Assert.Multiple(() =>
        {
            Assert.That(missing.Failure, Is.EqualTo(AcmeFailure.Account));
            Assert.That(missing.Message, Does.Contain("(EAB)"));
            Assert.That(refused.ToString(), Does.Not.Contain("c2VjcmV0").And.Not.Contain("secret-of"));
        });
    }

    // Fault 26
    [Test]
    public async Task ACaThatForgotTheAccountIsNotGivenANewOne()
    {
        await using var pebble = await Pebble.StartAsync(new PebbleOptions { AlwaysValid = true });
        await using var ca = await TestCa.CreateAsync(pebble);
        var order = await ca.Client.NewOrderAsync(ca.Account, [TestCa.NewName()], "classic", null, CancellationToken.None);
        await pebble.RestartAsync();

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(TestCa.NewName()), _http));
        var resumed = await TestCa.FailureAsync(() => ca.ObtainAsync(new CertificateWish(order.Identifiers) { Pending = new PendingOrder(ca.Client.DirectoryUrl, order.Url, order.Identifiers, null) }, _http));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Account));
            Assert.That(resumed.Failure, Is.EqualTo(AcmeFailure.Account));
            Assert.That(ca.Count("/sign-me-up"), Is.EqualTo(1));
        });
    }

    private static ProxiedReply Chain(string text) => ProxiedReply.Of(200, "application/pem-certificate-chain", text);

    private static bool IsAlternate(ProxiedRequest request) => request.Path.Contains("/alternate/", StringComparison.Ordinal);

    /// <summary>The names of the CA's roots, that of its default chain first.</summary>
    private async Task<IReadOnlyList<string>> RootsAsync()
    {
        var roots = new List<string>();
        for (var number = 0; number < 2; number++)
        {
            using var root = X509Certificate2.CreateFromPem(await _pebble.RootAsync(number));
            roots.Add(root.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
        }

        return roots;
    }
}
