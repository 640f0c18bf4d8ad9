using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EdgeFleet.ControlPlane.Data.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class JudgedSamples : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Judged_Answer",
                table: "AlertActions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Judged_Confidence",
                table: "AlertActions",
                type: "double precision",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Judged_Model",
                table: "AlertActions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Judged_Photo",
                table: "AlertActions",
                type: "text",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Judged_SeenAt",
                table: "AlertActions",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Label",
                table: "AlertActions",
                type: "text",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Judged_Answer",
                table: "AlertActions");

            migrationBuilder.DropColumn(
                name: "Judged_Confidence",
                table: "AlertActions");

            migrationBuilder.DropColumn(
                name: "Judged_Model",
                table: "AlertActions");

            migrationBuilder.DropColumn(
                name: "Judged_Photo",
                table: "AlertActions");

            migrationBuilder.DropColumn(
                name: "Judged_SeenAt",
                table: "AlertActions");

            migrationBuilder.DropColumn(
                name: "Label",
                table: "AlertActions");
        }
    }
}
