using System.Runtime.InteropServices;
using Pushcart.Execution.Process.Output;

namespace Pushcart.Execution.Process.Child;

/// <summary>Carries out one run that has started: clone, work, deadline, end.</summary>
internal sealed class Runner
{
    private readonly RunDirectory _directory;
    private readonly RunOrder _order;
    private readonly RunStart _start;
    private readonly TimeProvider _time;
    private readonly WorkProcesses _processes;

    public Runner(RunDirectory directory, RunOrder order, RunStart start, TimeProvider time)
    {
        (_directory, _order, _start, _time) = (directory, order, start, time);
        _processes = new WorkProcesses(time, group => directory.WriteStart(start with { Group = group }));
    }

    /// <summary>Runs it to its end. Nothing that it started is alive any more then, as far as that can be told.</summary>
    public async Task<RunEnd> RunAsync()
    {
        using var output = new RunOutput(_directory.OutputPath, _order.OutputLimit);
        using var stop = new CancellationTokenSource();
        using var deadline = new CancellationTokenSource(Left(), _time);
        using var onDeadline = deadline.Token.Register(stop.Cancel);
        using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);

        RunEnd end;
        try
        {
            end = await CarryOutAsync(output, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            end = Stopped(deadline.IsCancellationRequested);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            end = new(null, null, "Error", failure.Message, default);
        }

        await _processes.EndAllAsync(_order.StopGrace);
        if (end.Message is { } message)
        {
            output.Line(message);
        }

        return end with { EndedAt = _time.GetUtcNow() };
    }

    private TimeSpan Left()
    {
        var left = _start.At + _order.Deadline - _time.GetUtcNow();
        var longest = TimeSpan.FromMilliseconds(int.MaxValue);
        return left < TimeSpan.Zero ? TimeSpan.Zero : left > longest ? longest : left;
    }

    private RunEnd Stopped(bool byDeadline) =>
        byDeadline
            ? new(null, null, "DeadlineExceeded", $"the run was ended: it was still active {_order.Deadline.TotalSeconds:0.###} s after its start", default)
            : _directory.ReadDeletion() is { } deletion && deletion.Uid == _order.Uid
                ? new(null, null, RunEnd.Deleted, null, default)
                : new(null, null, "Terminated", "the run was ended: its process was asked to stop (SIGTERM)", default);

    private async Task<RunEnd> CarryOutAsync(RunOutput output, CancellationToken stop)
    {
        Directory.CreateDirectory(_directory.HomePath);
        Directory.CreateDirectory(_directory.WorkPath);
        if (await new GitCheckout(_directory, _order, _processes, output).RunAsync(stop) is { } failure)
        {
            return new(null, null, "CloneFailed", failure, default);
        }

        var end = await _processes.RunAsync(_order.Command, RunEnvironment.OfWork(_directory, _order), _directory.WorkPath, output.Write, stop);
        var reason = end.Code == 0 ? null : end.Problem is null ? "Error" : end.Code == WorkEnd.NotFound ? "CommandNotFound" : "StartError";
        return new(end.Code, end.Signal, reason, end.Problem, default);
    }
}
