using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class AlertBoxes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "BoxesJson",
                table: "Alerts",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Score",
                table: "Alerts",
                type: "double precision",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "BoxesJson",
                table: "Alerts");

            migrationBuilder.DropColumn(
                name: "Score",
                table: "Alerts");
        }
    }
}
