using Templater.Pipeline.Deployment.Checks;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Rendering;
using Templater.Pipeline.Routing;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Looks at what an output depends on, beside a Templater that may be running: nothing is written, locked, told or run in a container.</summary>
/// <param name="state">The state directory; it need not exist.</param>
/// <param name="control">The engine, with the snapshot that was read; null when it was not.</param>
/// <param name="time">The clock.</param>
public sealed class OutputProbe(string state, DockerContainerControl? control, TimeProvider time)
{
    private static readonly TimeSpan ProofPatience = TimeSpan.FromSeconds(3);

    /// <summary>Looks.</summary>
    /// <param name="output">The output.</param>
    /// <param name="settings">How it goes live.</param>
    /// <param name="proxy">Its proxy.</param>
    /// <param name="certsDirectory">The certificates directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<OutputFacts> LookAsync(
        OutputDefinition output, DeploymentSettings settings, ProxyContext proxy, string certsDirectory, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(settings);
        var factory = new DeployerFactory(StateDirectory.At(state), control, time);
        var runner = new CommandRunner(time);
        var file = new OutputFile(output.Path, settings.File, Path.GetTempPath(), output.Name);
        var facts = new OutputFacts
        {
            Name = output.Name,
            Path = output.Path,
            Settings = settings,
            Proxy = proxy,
            Obstacle = file.Obstacle(),
            FileFindings = [.. file.Peculiarities(MountTable.Own())],
            IsGroupLink = file.IsLinked,
            ProofFindings = await AskAsync(output, settings, cancellationToken) is { } unproven ? [unproven] : [],
            Keys = KeysCheck.FilesOf(control?.Latest?.Certificates ?? [], output.Kind, certsDirectory),
        };
        try
        {
            factory.Judges(output, settings, runner);
            facts = await WithCheckerAsync(facts, output, factory.Checker(output, settings, runner), factory.ReliesOnProxy(output, settings, runner), proxy, cancellationToken);
            if (settings.Reload is ReloadSpec.None or ReloadSpec.Push)
                return facts;
            var search = await factory.Reloader(output, settings, runner).FindAsync(cancellationToken);
            var proof = await new ProofTrial(state, time).TryAsync(output.Name, output.Kind, settings, file, search.Targets, cancellationToken);
            return facts with
            {
                Targets = [.. search.Targets.Select(static target => target.Name)],
                TargetFindings = [.. search.Findings, .. search.Notes],
                ProofFact = proof.Fact,
                ProofFindings = [.. facts.ProofFindings, .. proof.Findings],
            };
        }
        catch (DeploymentSettingsException error)
        {
            return facts with { CheckerFindings = facts.CheckerFindings.Add(new Finding(FindingSeverity.Error, ReasonIds.InvalidSetting, error.Message)) };
        }
    }

    // Asking tells nobody anything: every proof asks three times.
    private async Task<Finding?> AskAsync(OutputDefinition output, DeploymentSettings settings, CancellationToken cancellationToken)
    {
        if (settings.Verify is not VerifySpec.Http spec)
            return null;
        var limit = settings.ReloadTimeout is { } timeout && timeout < ProofPatience ? timeout : ProofPatience;
        return await new HttpProof(spec.Url, limit, time).ProblemAsync(cancellationToken) is { } problem
            ? new Finding(
                FindingSeverity.Warning,
                ReasonIds.ReloadUnproven,
                $"a reload of output \"{output.Name}\" would not count as live, and be taken back: {spec.Url.Authority}{spec.Url.AbsolutePath}: {ShownText.OneLine(problem).TrimEnd('.')}. Start what answers there with 2xx, or correct verify.")
            : null;
    }

    private async Task<OutputFacts> WithCheckerAsync(OutputFacts facts, OutputDefinition output, IConfigChecker? checker, bool reliesOnProxy, ProxyContext proxy, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        if (Absent(facts.Settings.Validate, reliesOnProxy) is { } absent)
            findings.Add(absent);
        else if (await TryAsync(facts, output, reliesOnProxy, cancellationToken) is { } unusable)
            findings.Add(unusable);
        else if (checker is not null && control?.Latest is { } snapshot && await checker.VersionAsync(cancellationToken) is { } version
            && ProgramVersion.Difference(checker.Description, version, snapshot, proxy) is { } difference)
            findings.Add(difference);
        return facts with { Checker = checker?.Description, CheckerFindings = [.. findings] };
    }

    // On what is in place, which has been judged before: only whether it can judge at all is asked. A command of the operator's may do anything.
    // In a folder of its own: a Templater that runs uses its scratch at the same time, and may be another user.
    private async Task<Finding?> TryAsync(OutputFacts facts, OutputDefinition output, bool reliesOnProxy, CancellationToken cancellationToken)
    {
        if (facts.Settings.Validate is not ValidateSpec.Auto || !File.Exists(facts.Path))
            return null;
        DirectoryInfo scratch;
        try
        {
            scratch = Directory.CreateTempSubdirectory("templater-doctor-");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        try
        {
            var checker = DeployerFactory.BuiltInChecker(output, facts.Settings, scratch.FullName, new CommandRunner(time));
            return checker is not null && await checker.CheckAsync(facts.Path, facts.Path, cancellationToken) is CheckResult.Unusable unusable
                ? Unusable($"{checker.Description} cannot judge the configuration: {unusable.Why}", reliesOnProxy, "Repair the checker, or set validate to none.", FindingSeverity.Warning)
                : null;
        }
        finally
        {
            UnixFile.DiscardFolder(scratch.FullName);
        }
    }

    private Finding? Absent(ValidateSpec spec, bool reliesOnProxy) => spec switch
    {
        ValidateSpec.Command command when ProgramPath.Find(command.Words[0]) is null => Unusable(
            $"the checker {ShownText.OneLine(command.Words[0])} is not installed here",
            reliesOnProxy,
            "Install it, build the image on the proxy's own (--build-arg PROXY_IMAGE), or name another in validate."),
        ValidateSpec.Exec exec when control?.Latest is { } snapshot
            && !Reloading.ContainerSelection.ByName(snapshot, exec.Name).Any(static container => container.State == ContainerState.Running) => Unusable(
            $"no container {ShownText.OneLine(exec.Name)} runs, in which validate runs its command",
            reliesOnProxy,
            "Start it, or name another in validate."),
        _ => null,
    };

    private static Finding Unusable(string what, bool reliesOnProxy, string remedy, FindingSeverity severity = FindingSeverity.Error) => new(
        severity,
        ReasonIds.CheckerFailed,
        $"{what}. {(reliesOnProxy ? "The proxy itself is relied on: what it does not take is put back." : "Nothing is replaced unchecked.")} {remedy}");
}
