using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Proving.Nginx;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>What came of trying how a reload is proven, on the generation that is in place.</summary>
/// <param name="Fact">A clause; empty when there was nothing to try.</param>
/// <param name="Findings">What the operator should know.</param>
internal sealed record ProofTrialResult(string Fact, ImmutableArray<Finding> Findings)
{
    public static readonly ProofTrialResult Nothing = new("", []);
}

/// <summary>
/// Tries the proof of a generation that is in place: it is asked for where a reload would ask. That tells nobody anything; a proof that
/// is a command of the operator's is not run.
/// </summary>
/// <param name="state">The state directory; it need not exist.</param>
/// <param name="time">The clock.</param>
internal sealed class ProofTrial(string state, TimeProvider time)
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(3);

    /// <summary>Tries it.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="kind">Its kind of proxy.</param>
    /// <param name="settings">How it goes live.</param>
    /// <param name="file">Its file.</param>
    /// <param name="targets">The proxies that a reload would reach.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ProofTrialResult> TryAsync(
        string output, ProxyKind kind, DeploymentSettings settings, OutputFile file, ImmutableArray<IReloadTarget> targets, CancellationToken cancellationToken)
    {
        if (settings.Verify is not VerifySpec.Auto || targets.IsEmpty
            || JournalReader.Read(state, output)?.Current is not { IsLive: true, PrintsGeneration: true } entry)
            return ProofTrialResult.Nothing;
        return (settings.Reload, kind) switch
        {
            (ReloadSpec.HAProxy spec, _) => await ReadVariableAsync(output, new HAProxyMaster(spec.Socket, time), entry, cancellationToken),
            (ReloadSpec.Command or ReloadSpec.Http, _) => ProofTrialResult.Nothing,
            (_, ProxyKind.Nginx) when file.ReadSet() is { } set => await AskAsync(GenerationEndpoint.In(ProvenFiles.TextOf(set), entry.Generation), targets, entry, cancellationToken),
            _ => ProofTrialResult.Nothing,
        };
    }

    private static async Task<ProofTrialResult> ReadVariableAsync(string output, HAProxyMaster master, JournalEntry entry, CancellationToken cancellationToken)
    {
        string? told;
        try
        {
            told = await master.GetVariableAsync(HAProxyVariableProof.Variable, AnswerLimit, cancellationToken);
        }
        catch (HAProxySocketException)
        {
            // What is wrong with the socket is said of the reload.
            return ProofTrialResult.Nothing;
        }

        return told is null ? new ProofTrialResult("", [Unproven($"a reload of output \"{output}\" cannot be proven: {master.Path} gives no {HAProxyVariableProof.Variable}. Start HAProxy with -S \"{master.Path},mode,660,level,operator\", or level admin.")])
            : told == entry.Printed ? Runs(master.Path, entry)
            : new ProofTrialResult("", [Other(master.Path, told, entry)]);
    }

    private async Task<ProofTrialResult> AskAsync(ImmutableArray<GenerationEndpoint> endpoints, ImmutableArray<IReloadTarget> targets, JournalEntry entry, CancellationToken cancellationToken)
    {
        var facts = new List<string>();
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (var target in targets)
        {
            var places = NginxProof.Places(target, endpoints);
            var answers = await Task.WhenAll(places.Select(async place => place with { Answer = await GenerationQuestion.AskAsync(place.Place, place.Endpoint, time, cancellationToken) }));
            if (answers.FirstOrDefault(static asked => asked.Answer.Generation is not null) is not { } answered)
            {
                if (answers is [var first, ..])
                    findings.Add(NginxProofFindings.Unreachable(target.Name, first));
                continue;
            }

            var (fact, others) = answered.Answer.Generation == entry.Generation
                ? Runs($"{answered.Place}{answered.Endpoint.Path}", entry)
                : new ProofTrialResult("", [Other($"{answered.Place}{answered.Endpoint.Path}", answered.Answer.Generation!, entry)]);
            if (fact.Length > 0)
                facts.Add(fact);
            findings.AddRange(others);
        }

        return new ProofTrialResult(string.Join("; ", facts), findings.ToImmutable());
    }

    private static ProofTrialResult Runs(string place, JournalEntry entry) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{place} tells generation {entry.Number}"), []);

    private static Finding Other(string place, string told, JournalEntry entry) => Unproven(string.Create(
        CultureInfo.InvariantCulture,
        $"{place} tells {ShownText.OneLine(told)} and not {entry.Printed}, which is in place as generation {entry.Number}. Another proxy answers there, or this one was given another file: end it, or let templater run deliver it again (SIGHUP)."));

    private static Finding Unproven(string message) => new(FindingSeverity.Warning, ReasonIds.ReloadUnproven, message);
}
