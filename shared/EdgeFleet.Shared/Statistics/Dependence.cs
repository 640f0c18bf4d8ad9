namespace EdgeFleet.Shared.Statistics;

/// <summary>
/// How much the values of a stream hang together, folded one by one: by what factor the variance of the window's mean exceeds that of as many independent values, so
/// that <c>n / Inflation</c> values are worth what n are. Not thread-safe: one owner folds.
/// </summary>
/// <remarks>
/// The greater of two estimates. (1) First-order autoregression, <c>(1 + r) / (1 - r)</c> with the lag-1 autocorrelation corrected for its bias of <c>-(1 + 3r) / n</c>
/// (Marriott and Pope 1954): sharp for camera streams. (2) Batch means (Conway 1963; Schmeiser 1982): the variance of the means of 20 batches times their length over
/// that of the values, which also sees slow parts under fast noise, where the lag-1 value does not.
/// </remarks>
/// <param name="length">Values in a window.</param>
public sealed class Dependence(int length)
{
    private const int Batches = 20;
    private readonly int _batchLength = Math.Max(2, length / Batches);
    private double _origin;
    private double _last;
    private double _sum;
    private double _squares;
    private double _products;
    private double _batch;
    private double _batchSum;
    private double _batchSquares;
    private int _count;
    private int _batches;

    /// <summary>Folds the next value in.</summary>
    public void Add(double value)
    {
        if (_count == 0)
            _origin = value; // Sums of differences from a near value keep their digits.

        var x = value - _origin;
        if (_count > 0)
            _products += x * _last;
        (_sum, _squares, _last) = (_sum + x, _squares + x * x, x);
        _batch += x;
        if (++_count % _batchLength != 0)
            return;

        var mean = _batch / _batchLength;
        (_batchSum, _batchSquares, _batch) = (_batchSum + mean, _batchSquares + mean * mean, 0);
        _batches++;
    }

    /// <summary>The factor, from 1 up to a quarter of the values; 1 for a window that does not vary.</summary>
    public double Inflation
    {
        get
        {
            if (_count < 8)
                return 1;

            var mean = _sum / _count;
            var deviations = _squares - _count * mean * mean;
            if (deviations <= 1e-12 * Math.Max(1, _squares))
                return 1;

            // The first value is the origin, so it is 0.
            var lagged = _products - mean * (_sum - _last) - mean * _sum + (_count - 1) * mean * mean;
            var r = lagged / deviations;
            r = Math.Clamp(r + (1 + 3 * r) / _count, -0.99, 0.999);
            return Math.Clamp(Math.Max((1 + r) / (1 - r), OfBatches(deviations / _count)), 1, _count / 4.0);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        (_origin, _last, _sum, _squares, _products) = (0, 0, 0, 0, 0);
        (_batch, _batchSum, _batchSquares, _count, _batches) = (0, 0, 0, 0, 0);
    }

    private double OfBatches(double variance)
    {
        if (_batches < Batches / 2)
            return 1;
        var between = (_batchSquares - _batchSum * _batchSum / _batches) / (_batches - 1);
        return _batchLength * between / variance;
    }
}
