using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Benchmarks.Rollout;

/// <summary>Updates of one slot by the agent's table and its judgement of wishes, without packages: every step ends well after the same time.</summary>
internal sealed class LinkedUpdates : ISlotUpdates, IDisposable
{
    /// <summary>The slot.</summary>
    public static readonly SlotName Slot = SlotName.Parse("leaf");

    private static readonly UpdateMachine Machine = new(downloadAttemptsMax: 8, crashesMax: 3);

    private readonly Lock _lock = new();
    private readonly TimeSpan _stepsTake;
    private readonly Timer _timer;
    private UpdateState _state;
    private PackageRef _active;
    private PackageRef? _previous;

    public LinkedUpdates(PackageRef serves, TimeSpan stepsTake)
    {
        (_active, _state, _stepsTake) = (serves, new Committed(new Wish(serves, 1, 0), Shadow: null), stepsTake);
        _timer = new Timer(_ => Finish());
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public long DesiredVersion { get; private set; }

    /// <inheritdoc/>
    public void Offer(DesiredDocument document)
    {
        lock (_lock)
        {
            if (document.Version <= DesiredVersion || document.Slots.FirstOrDefault(s => s.Slot == Slot) is not { } wanted)
                return;
            DesiredVersion = document.Version;
            var wish = Wish.Of(wanted);
            if (_state is WishState { Target: var target } && target == wish)
                return;
            _state = Machine.Next(_state, wish.Package.Digest == _active.Digest ? new Confirmed(wish) : new Offered(wish));
            if (_state is Downloading)
                _timer.Change(_stepsTake, Timeout.InfiniteTimeSpan);
        }

        Changed?.Invoke();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReportedSlot> Describe()
    {
        lock (_lock)
        {
            var wish = (_state as WishState)?.Target;
            return
            [
                new ReportedSlot
                {
                    Slot = Slot, State = _state.Name, Active = _active, Previous = _previous, Variant = "cpu-int8", Candidate = _state is Idle or Committed ? null : wish?.Package,
                    Attempt = wish?.Attempt ?? 0, Rollout = wish?.Rollout ?? 0,
                },
            ];
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Finish()
    {
        lock (_lock)
        {
            if (_state is not Downloading { Target: var wish })
                return;
            foreach (var happened in new UpdateEvent[] { new StepDone(), new StepDone(), new StepDone(), new Shadowed("skipped"), new Activated(new ProbationWatch()), new StepDone() })
                _state = Machine.Next(_state, happened);
            (_previous, _active) = (_active, wish.Package);
        }

        Changed?.Invoke();
    }
}
